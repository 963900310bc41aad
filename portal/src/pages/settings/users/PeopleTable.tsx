import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { siteTime } from '../../../app/time';
import { useViewer } from '../../../app/useViewer';
import { Button } from '../../../components/Button';
import page from '../../../components/page.module.css';
import table from '../../../components/table.module.css';
import { useGrantWords } from '../../../components/useGrantWords';
import type { CompanySite, Person } from '../../../rest/people';
import { PersonDialog } from './PersonDialog';
import styles from './users.module.css';

interface PeopleTableProps {
  people: readonly Person[];
  sites: readonly CompanySite[];
  onChanged: () => void;
}

export function PeopleTable({ people, sites, onChanged }: PeopleTableProps) {
  const { t, i18n } = useTranslation();
  const { may, userId, timeZone } = useViewer();
  const words = useGrantWords();
  const names = new Map(sites.map(({ id, name }) => [id, name]));
  const [chosen, setChosen] = useState<Person>();
  return (
    <div className={page.card}>
      <table className={table.table}>
        <thead>
          <tr>
            <th scope="col">{t('users.name')}</th>
            <th scope="col">{t('users.roles')}</th>
            <th scope="col">
              <span className="visually-hidden">{t('users.actions')}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {people
            .filter(({ left }) => !left)
            .map((person) => (
              <tr key={person.id} data-person={person.email ?? person.id}>
                <th scope="row">
                  {person.id === userId ? t('who.you', { name: person.name }) : person.name}
                  {person.email === null ? null : <span className={styles.mail}>{person.email}</span>}
                </th>
                <td>
                  <ul className={styles.grants}>
                    {words(person.grants ?? {}, names).map((line) => (
                      <li key={line}>{line}</li>
                    ))}
                  </ul>
                  {person.endsAt === null ? null : (
                    <span className={styles.ends}>
                      {t('users.until', { at: siteTime(person.endsAt, i18n.language, timeZone) })}
                    </span>
                  )}
                </td>
                <td>
                  <div className={styles.actions}>
                    {may('people.manage') && person.grants !== null ? (
                      <Button
                        aria-label={t('users.change', { name: person.name })}
                        onClick={() => setChosen(person)}
                      >
                        {t('users.edit')}
                      </Button>
                    ) : null}
                  </div>
                </td>
              </tr>
            ))}
        </tbody>
      </table>
      {chosen === undefined ? null : (
        <PersonDialog
          person={chosen}
          sites={sites}
          onClose={() => setChosen(undefined)}
          onChanged={() => {
            setChosen(undefined);
            onChanged();
          }}
        />
      )}
    </div>
  );
}
