import { useTranslation } from 'react-i18next';
import { useViewer } from '../../app/useViewer';
import { Button } from '../../components/Button';
import form from '../../components/form.module.css';
import { ProblemNotice, Refusal, Waiting } from '../../components/Notice';
import { Panel } from '../../components/Panel';
import { Ago } from '../../components/Times';
import type { SessionRow } from '../../rest/sessions';
import { useAct, useAsk } from '../../rest/useRest';
import styles from './AccountPage.module.css';
import { deviceName } from './device';

const EVERY_MS = 30_000;

/** Where this person is signed in, and ending that. */
export function SessionsPanel() {
  const { t } = useTranslation();
  const act = useAct();
  const { data, problem, reload } = useAsk<{ sessions: SessionRow[] }>('/sessions', EVERY_MS);
  const end = async (path: string) => {
    if ((await act.run((rest) => rest.send('DELETE', path, {}))) !== undefined) reload();
  };
  const others = data?.sessions.some(({ current }) => !current) ?? false;
  return (
    <Panel title={t('sessions.title')} note={t('sessions.note')}>
      <div className={form.form}>
        {problem === undefined ? null : <ProblemNotice problem={problem} retry={reload} />}
        {data === undefined && problem === undefined ? <Waiting blocks={1} height="8rem" /> : null}
        <ul className={styles.sessions}>
          {data?.sessions.map((row) => (
            <li key={row.id} data-current={row.current}>
              <Where row={row} />
              {row.current ? (
                <span className={styles.here}>{t('sessions.here')}</span>
              ) : (
                <Button disabled={act.busy} onClick={() => void end(`/sessions/${row.id}`)}>
                  {t('sessions.end')}
                </Button>
              )}
            </li>
          ))}
        </ul>
        <Refusal problem={act.problem} />
        {others ? (
          <div className={form.actions}>
            <Button disabled={act.busy} onClick={() => void end('/sessions')}>
              {t('sessions.endOthers')}
            </Button>
          </div>
        ) : null}
      </div>
    </Panel>
  );
}

function Where({ row }: { row: SessionRow }) {
  const { t } = useTranslation();
  const { timeZone } = useViewer();
  const device = deviceName(row.device) ?? t('sessions.unknownDevice');
  const network = row.address === '' || row.address === 'local' ? t('sessions.thisNetwork') : row.address;
  return (
    <div>
      <p className={styles.device}>{device}</p>
      <p className={form.why}>
        {t('sessions.where', { network })} <Ago instant={row.seenAt} timeZone={timeZone} />
      </p>
    </div>
  );
}
