import { useTranslation } from 'react-i18next';
import { useSession } from '../../app/SessionContext';
import { siteTime } from '../../app/time';
import { useViewer } from '../../app/useViewer';
import { Button } from '../../components/Button';
import { Refusal } from '../../components/Notice';
import { Panel } from '../../components/Panel';
import table from '../../components/table.module.css';
import { useRoleNames } from '../../components/useRoleNames';
import type { Membership } from '../../rest/people';
import { useAct, useAsk } from '../../rest/useRest';

/** Every company that this person belongs to, until when, and working for another one. */
export function CompaniesPanel() {
  const { t, i18n } = useTranslation();
  const { timeZone } = useViewer();
  const session = useSession();
  const names = useRoleNames();
  const act = useAct();
  const { data } = useAsk<{ memberships: Membership[] }>('/memberships');
  const work = async (tenantId: string) => {
    const done = await act.run((rest) => rest.send('POST', '/sessions/current/tenant', { tenantId }));
    if (done !== undefined) await session.renew('/');
  };
  if (data === undefined) return null;
  return (
    <Panel title={t('account.companies')} flush>
      <Refusal problem={act.problem} />
      <table className={table.table}>
        <thead>
          <tr>
            <th scope="col">{t('account.company')}</th>
            <th scope="col">{t('account.roles')}</th>
            <th scope="col" className={table.minor}>
              {t('users.ends')}
            </th>
            <th scope="col">
              <span className="visually-hidden">{t('users.actions')}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {data.memberships.map(({ tenantId, company, roles, endsAt, current }) => (
            <tr key={tenantId}>
              <th scope="row">{company}</th>
              <td>{names(roles)}</td>
              <td className={table.minor}>
                {endsAt === null ? t('account.noEnd') : siteTime(endsAt, i18n.language, timeZone)}
              </td>
              <td>
                {current ? (
                  t('account.current')
                ) : (
                  <Button disabled={act.busy} onClick={() => void work(tenantId)}>
                    {t('account.workHere')}
                  </Button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}
