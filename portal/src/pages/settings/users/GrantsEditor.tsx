import { useTranslation } from 'react-i18next';
import { useViewer } from '../../../app/useViewer';
import { ROLES, type Permission } from '../../../app/permissions';
import table from '../../../app/permissions.json';
import { EVERYWHERE, type CompanySite, type Grants } from '../../../rest/people';
import { givable, placesOf, withRole } from './grants';
import styles from './users.module.css';

interface GrantsEditorProps {
  sites: readonly CompanySite[];
  value: Grants;
  onChange: (grants: Grants) => void;
}

/** Roles to tick for the whole company and for each site. */
export function GrantsEditor({ sites, value, onChange }: GrantsEditorProps) {
  const { t } = useTranslation();
  const { may } = useViewer();
  const own = (Object.keys(table.granted) as Permission[]).filter((permission) => may(permission));
  const names = new Map(sites.map(({ id, name }) => [id, name]));
  return (
    <>
      {placesOf(sites.map(({ id }) => id)).map((place) => {
        const allowed = givable(own, place);
        return (
          <fieldset key={place} className={styles.place}>
            <legend>{place === EVERYWHERE ? t('users.wholeCompany') : (names.get(place) ?? place)}</legend>
            <div className={styles.roles}>
              {ROLES.map((role) => {
                const on = value[place]?.includes(role) ?? false;
                return (
                  <label key={role} className={styles.role}>
                    <input
                      type="checkbox"
                      checked={on}
                      disabled={!on && !allowed.includes(role)}
                      onChange={(event) => onChange(withRole(value, place, role, event.target.checked))}
                    />
                    {t(`roles.name.${role}`, role)}
                  </label>
                );
              })}
            </div>
          </fieldset>
        );
      })}
    </>
  );
}
