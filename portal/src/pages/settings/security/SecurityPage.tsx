import { useTranslation } from 'react-i18next';
import { usePageTitle } from '../../../app/usePageTitle';
import { useViewer } from '../../../app/useViewer';
import { Button } from '../../../components/Button';
import { Forbidden } from '../../../components/Forbidden';
import form from '../../../components/form.module.css';
import { ProblemNotice, Refusal, Waiting } from '../../../components/Notice';
import page from '../../../components/page.module.css';
import { Panel } from '../../../components/Panel';
import { useAct, useAsk } from '../../../rest/useRest';
import { ScreensPanel } from './ScreensPanel';

/** What the company asks of its people at sign-in, and the screens that it let in. */
export function Component() {
  const { t } = useTranslation();
  usePageTitle(t('security.title'));
  const { may, userId } = useViewer();
  if (userId === '') return <Waiting blocks={1} height="16rem" />;
  if (!may('kiosk.pair')) return <Forbidden what={t('security.forbidden')} permission="kiosk.pair" />;
  return (
    <div className={page.page}>
      <header className={page.head}>
        <h1 className={page.title}>{t('security.title')}</h1>
      </header>
      {may('tenant.manage') ? <PolicyPanel /> : null}
      <ScreensPanel />
    </div>
  );
}

function PolicyPanel() {
  const { t } = useTranslation();
  const act = useAct();
  const { data, problem, reload } = useAsk<{ requireFactor: boolean }>('/security-policy');
  const change = async (requireFactor: boolean) => {
    if ((await act.run((rest) => rest.send('PUT', '/security-policy', { requireFactor }))) !== undefined) reload();
  };
  const required = data?.requireFactor ?? false;
  return (
    <Panel title={t('security.policy')} note={t('security.policyNote')}>
      <div className={form.form}>
        {problem === undefined ? null : <ProblemNotice problem={problem} retry={reload} />}
        {data === undefined ? null : (
          <>
            <p>{t(required ? 'security.required' : 'security.optional')}</p>
            <div className={form.actions}>
              <Button tone={required ? 'plain' : 'primary'} disabled={act.busy} onClick={() => void change(!required)}>
                {t(required ? 'security.makeOptional' : 'security.require')}
              </Button>
            </div>
          </>
        )}
        <Refusal problem={act.problem} />
      </div>
    </Panel>
  );
}
