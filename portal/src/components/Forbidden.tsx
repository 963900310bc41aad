import { useTranslation } from 'react-i18next';
import { rolesWith, type Permission } from '../app/permissions';
import { useViewer } from '../app/useViewer';
import { Notice } from './Notice';
import { useRoleNames } from './useRoleNames';

/** A page or step that this person's roles do not open, and who could. */
export function Forbidden({ what, permission }: { what: string; permission: Permission }) {
  const { t } = useTranslation();
  const names = useRoleNames();
  const own = useViewer().roles;
  return (
    <Notice title={what}>
      <p>{t('roles.needed', { roles: names(rolesWith(permission)) })}</p>
      <p>{own.length === 0 ? t('roles.ownNone') : t('roles.own', { roles: names(own) })}</p>
    </Notice>
  );
}
