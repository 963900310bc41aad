import { useTranslation } from 'react-i18next';
import { useSession } from '../../app/SessionContext';
import { usePageTitle } from '../../app/usePageTitle';
import { Button } from '../../components/Button';
import form from '../../components/form.module.css';
import { Refusal, Waiting } from '../../components/Notice';
import { Plain } from '../../components/Plain';
import type { Company, Membership } from '../../rest/people';
import { useAct, useAsk } from '../../rest/useRest';

/** A company that is closed for a while: an owner opens it again, others may work for another one. */
export function Component() {
  const { t } = useTranslation();
  usePageTitle(t('closed.title'));
  const session = useSession();
  const act = useAct();
  const company = useAsk<Company>('/tenant');
  const memberships = useAsk<{ memberships: Membership[] }>('/memberships');
  const others = memberships.data?.memberships.filter(({ current, status }) => !current && status === 'active') ?? [];
  const go = async (path: string, body: object) => {
    if ((await act.run((rest) => rest.send('POST', path, body))) !== undefined) await session.renew('/');
  };
  /** The end of a company can be taken back for seven days. */
  const keep = async () => {
    if ((await act.run((rest) => rest.send('DELETE', '/tenant/erasure', {}))) !== undefined) await session.renew('/');
  };
  if (company.data === undefined) {
    return (
      <Plain title={t('closed.title')}>
        {company.problem === undefined ? <Waiting blocks={1} height="8rem" /> : <Refusal problem={company.problem} />}
      </Plain>
    );
  }
  return (
    <Plain title={t('closed.title')} lead={<p>{t(`closed.${company.data.status === 'deleting' ? 'deleting' : 'lead'}`, { company: company.data.name })}</p>}>
      <Refusal problem={act.problem} />
      <div className={form.actions}>
        {company.data.status === 'deleting' ? (
          <Button tone="primary" disabled={act.busy} onClick={() => void keep()}>
            {t('closed.keep')}
          </Button>
        ) : (
          <Button tone="primary" disabled={act.busy} onClick={() => void go('/tenant/resume', {})}>
            {t('closed.resume')}
          </Button>
        )}
        {others.map(({ tenantId, company: name }) => (
          <Button key={tenantId} disabled={act.busy} onClick={() => void go('/sessions/current/tenant', { tenantId })}>
            {t('closed.switch', { company: name })}
          </Button>
        ))}
      </div>
    </Plain>
  );
}
