import { useTranslation } from 'react-i18next';
import { EVERYWHERE, type Grants } from '../rest/people';

/** «operator and quality at Hall 1», one line for each place. `names` are the names of sites by id. */
export function useGrantWords(): (grants: Grants, names: ReadonlyMap<string, string>) => string[] {
  const { t, i18n } = useTranslation();
  const list = new Intl.ListFormat(i18n.language, { type: 'conjunction' });
  return (grants, names) =>
    Object.entries(grants).map(([site, roles]) => {
      const told = list.format(roles.map((role) => t(`roles.name.${role}`, role)));
      return site === EVERYWHERE
        ? t('users.everywhere', { roles: told })
        : t('users.at', { roles: told, site: names.get(site) ?? site });
    });
}
