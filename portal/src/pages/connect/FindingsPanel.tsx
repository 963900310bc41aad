import { useTranslation } from 'react-i18next';
import { Button } from '../../components/Button';
import { Notice, ProblemNotice, Waiting } from '../../components/Notice';
import { Panel } from '../../components/Panel';
import type { Finding, ProbeReport } from '../../rest/types';
import styles from './FindingsPanel.module.css';
import type { Probing } from './useProbe';
import { canBeAdded, firstFailed, layersOf, type Address, type LayerView } from './wizard';

/** What the gateway saw, layer by layer; the first thing that failed is told large. */
export function FindingsPanel({ address, probing }: { address: Address; probing: Probing }) {
  const { t } = useTranslation();
  const { state, report, problem } = probing;
  const again = () => probing.begin(address);
  if (problem !== undefined) return <ProblemNotice problem={problem} retry={again} />;
  if (state === 'idle') return null;
  return (
    <Panel title={t('connect.found')} note={report === undefined ? undefined : where(report)}>
      <div className={styles.body} aria-live="polite" aria-busy={state === 'asking'}>
        {report === undefined && state === 'asking' ? (
          <>
            <p className={styles.asking}>{t('connect.looking')}</p>
            <Waiting blocks={1} height="7rem" />
          </>
        ) : null}
        {state === 'silent' ? (
          <Notice tone="bad" title={t('connect.silent')} action={<Button onClick={again}>{t('problem.retry')}</Button>}>
            {t('connect.silentTodo')}
          </Notice>
        ) : null}
        {report === undefined ? null : <Report report={report} again={again} busy={state === 'asking'} />}
      </div>
    </Panel>
  );
}

const where = ({ host = '', port, protocol = '' }: ProbeReport): string =>
  [port === undefined || port === 0 ? host : `${host}:${port}`, protocol.toUpperCase()].filter(Boolean).join(' · ');

function Report({ report, again, busy }: { report: ProbeReport; again: () => void; busy: boolean }) {
  const { t } = useTranslation();
  if (report.error !== undefined) {
    return (
      <Notice tone="bad" title={t('connect.notMade')} action={<Button onClick={again}>{t('problem.retry')}</Button>}>
        {report.error}
      </Notice>
    );
  }
  const failed = firstFailed(report);
  return (
    <>
      {failed === undefined ? <p className={styles.fine}>{t('connect.fine')}</p> : null}
      {failed === undefined ? null : <Mend failed={failed} again={again} busy={busy} usable={canBeAdded(report)} />}
      <ol className={styles.layers}>
        {layersOf(report).map((layer) => (
          <Layer key={layer.layer} layer={layer} />
        ))}
      </ol>
    </>
  );
}

interface MendProps {
  failed: Finding;
  again: () => void;
  busy: boolean;
  /** The machine can be added though this does not work. */
  usable: boolean;
}

function Mend({ failed, again, busy, usable }: MendProps) {
  const { t } = useTranslation();
  return (
    <div className={styles.mend} role="alert" data-usable={usable}>
      <p className={styles.mendLayer}>{t('connect.stopsAt', { layer: t(`connect.layer.${failed.layer}`, failed.layer) })}</p>
      <p className={styles.mendSeen}>{failed.seen}</p>
      {failed.todo === '' ? null : (
        <p>
          <strong>{t('connect.todo')}</strong> {failed.todo}
        </p>
      )}
      {usable ? <p>{t('connect.usable')}</p> : null}
      <Button onClick={again} disabled={busy}>
        {t('problem.retry')}
      </Button>
    </div>
  );
}

function Layer({ layer }: { layer: LayerView }) {
  const { t } = useTranslation();
  const bad = layer.findings.filter(({ verdict }) => verdict === 'failed').length;
  const without = layer.findings.filter(({ verdict }) => verdict === 'absent').length;
  return (
    <li className={styles.layer} data-verdict={layer.verdict}>
      <details open={layer.verdict === 'failed'}>
        <summary className={styles.layerHead}>
          <Mark verdict={layer.verdict} />
          <span className={styles.layerName}>{t(`connect.layer.${layer.layer}`, layer.layer)}</span>
          {layer.verdict === 'failed' || layer.findings.length > 2 ? null : (
            <span className={styles.layerSeen}>{layer.findings.map(({ seen }) => seen).join(' · ')}</span>
          )}
          <span className={styles.layerCount}>
            {t('connect.steps', { count: layer.findings.length })}
            {bad > 0 ? ` · ${t('connect.failedSteps', { count: bad })}` : ''}
            {without > 0 ? ` · ${t('connect.absentSteps', { count: without })}` : ''}
          </span>
        </summary>
        <ul className={styles.findings}>
          {layer.findings.map((finding, index) => (
            <FindingLine key={`${finding.name} ${index}`} finding={finding} />
          ))}
        </ul>
      </details>
    </li>
  );
}

function FindingLine({ finding }: { finding: Finding }) {
  const { t, i18n } = useTranslation();
  const ms = new Intl.NumberFormat(i18n.language, { maximumFractionDigits: 1 }).format(finding.ms);
  return (
    <li className={styles.finding} data-verdict={finding.verdict}>
      <Mark verdict={finding.verdict} />
      <div>
        <p className={styles.name}>{finding.name}</p>
        <p>{finding.seen}</p>
        {finding.todo === '' ? null : <p className={styles.todo}>{finding.todo}</p>}
      </div>
      <span className={styles.ms}>{t('connect.ms', { ms })}</span>
    </li>
  );
}

const SIGNS = { ok: '✓', failed: '✕', absent: '–' } as const;

function Mark({ verdict }: { verdict: Finding['verdict'] }) {
  const { t } = useTranslation();
  return (
    <span className={styles.mark} data-verdict={verdict}>
      <span aria-hidden="true">{SIGNS[verdict]}</span>
      <span className="visually-hidden">{t(`connect.verdict.${verdict}`)}</span>
    </span>
  );
}
