import { useTranslation } from 'react-i18next';
import { siteTime } from '../../../app/time';
import { useViewer } from '../../../app/useViewer';
import { Button } from '../../../components/Button';
import { Refusal } from '../../../components/Notice';
import table from '../../../components/table.module.css';
import { useGrantWords } from '../../../components/useGrantWords';
import type { CompanySite, Invitation } from '../../../rest/people';
import { useAct } from '../../../rest/useRest';
import styles from './users.module.css';

interface InvitationTableProps {
  invitations: readonly Invitation[];
  sites: readonly CompanySite[];
  onChanged: () => void;
}

export function InvitationTable({ invitations, sites, onChanged }: InvitationTableProps) {
  const { t, i18n } = useTranslation();
  const { may, timeZone } = useViewer();
  const words = useGrantWords();
  const act = useAct();
  const names = new Map(sites.map(({ id, name }) => [id, name]));
  const revoke = async (id: string) => {
    if ((await act.run((rest) => rest.send('DELETE', `/invitations/${id}`, {}))) !== undefined) onChanged();
  };
  return (
    <>
      <Refusal problem={act.problem} />
      <table className={table.table}>
        <thead>
          <tr>
            <th scope="col">{t('users.email')}</th>
            <th scope="col">{t('users.roles')}</th>
            <th scope="col" className={table.minor}>
              {t('users.openUntil')}
            </th>
            <th scope="col">
              <span className="visually-hidden">{t('users.actions')}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {invitations.map(({ id, email, grants, endsAt }) => (
            <tr key={id}>
              <th scope="row">{email}</th>
              <td>
                <ul className={styles.grants}>
                  {words(grants, names).map((line) => (
                    <li key={line}>{line}</li>
                  ))}
                </ul>
              </td>
              <td className={table.minor}>{siteTime(endsAt, i18n.language, timeZone)}</td>
              <td>
                <div className={styles.actions}>
                  {may('people.invite') ? (
                    <Button
                      disabled={act.busy}
                      aria-label={t('users.revokeOf', { email })}
                      onClick={() => void revoke(id)}
                    >
                      {t('users.revoke')}
                    </Button>
                  ) : null}
                </div>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
