/** The pages of the settings, in the order of their navigation. A page of its own adds its line here. */
import type { Permission } from '../../app/permissions';

export interface Section {
  /** Its words are `settings.sections.<key>`. */
  readonly key: 'users' | 'shop' | 'security' | 'keys' | 'audit' | 'privacy' | 'sso';
  readonly to: string;
  /** Who sees it in the navigation; the page itself says so to everybody else. */
  readonly permission: Permission;
}

export const SECTIONS: readonly Section[] = [
  { key: 'users', to: '/settings/users', permission: 'people.read' },
  { key: 'security', to: '/settings/security', permission: 'kiosk.pair' },
  { key: 'sso', to: '/settings/security/sso', permission: 'sso.manage' },
  { key: 'keys', to: '/settings/keys', permission: 'key.manage' },
  { key: 'audit', to: '/settings/audit', permission: 'audit.read' },
  { key: 'privacy', to: '/settings/privacy', permission: 'session.read' },
  { key: 'shop', to: '/settings/shop', permission: 'tenant.manage' },
];
