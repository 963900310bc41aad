import { useTranslation } from 'react-i18next';

/** «supervisor, owner or administrator»; roles this build has no word for are shown as they are. */
export function useRoleNames(): (roles: readonly string[]) => string {
  const { t, i18n } = useTranslation();
  const list = new Intl.ListFormat(i18n.language, { type: 'disjunction' });
  return (roles) => list.format(roles.map((role) => t(`roles.name.${role}`, role)));
}
