import { useTranslation } from 'react-i18next';
import { useViewer } from '../app/useViewer';
import { Notice } from './Notice';
import { useRoleNames } from './useRoleNames';

/** A page or step that this person's roles do not open, and who could. */
export function Forbidden({ what, roles }: { what: string; roles: readonly string[] }) {
  const { t } = useTranslation();
  const names = useRoleNames();
  const own = useViewer().roles;
  return (
    <Notice title={what}>
      <p>{t('roles.needed', { roles: names(roles) })}</p>
      <p>{own.length === 0 ? t('roles.ownNone') : t('roles.own', { roles: names(own) })}</p>
    </Notice>
  );
}
