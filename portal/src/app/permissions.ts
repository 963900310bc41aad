/** The table of permissions that the API holds too (printed by tools/print_permissions.py): for telling why not. */
import table from './permissions.json';

export type Permission = keyof typeof table.granted;
export type Role = (typeof table.roles)[number];

export const ROLES: readonly string[] = table.roles;
export const SITE_BOUND: readonly string[] = table.siteBound;

/** Whom to ask for it. */
export const rolesWith = (permission: Permission): readonly string[] => table.granted[permission];

/** What these roles may do together. */
export const permissionsOf = (roles: readonly string[]): Permission[] =>
  (Object.keys(table.granted) as Permission[]).filter((permission) => rolesWith(permission).some((role) => roles.includes(role)));
