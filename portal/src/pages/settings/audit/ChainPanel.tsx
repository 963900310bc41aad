import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSession } from '../../../app/SessionContext';
import { siteTime } from '../../../app/time';
import { useViewer } from '../../../app/useViewer';
import { Button } from '../../../components/Button';
import { Refusal } from '../../../components/Notice';
import styles from './audit.module.css';
import { exported, save } from './exporting';
import type { Verdict } from './types';
import { useVerdict } from './useVerdict';

/** Whether the chain holds, up to where that was told elsewhere, and the file that proves it. */
export function ChainPanel() {
  const { t } = useTranslation();
  const session = useSession();
  const [round, setRound] = useState(0);
  const { verdict, problem } = useVerdict(round);
  const [saving, setSaving] = useState<'no' | 'yes' | 'failed'>('no');
  const take = async () => {
    setSaving('yes');
    try {
      save(await exported(session), `audit-${new Date().toISOString().slice(0, 10)}.jsonl`);
      setSaving('no');
    } catch {
      setSaving('failed');
    }
  };
  const state = verdict === undefined ? 'waiting' : verdict.holds ? 'holds' : 'broken';
  return (
    <section className={styles.chain} data-state={state} aria-label={t('audit.chain')}>
      <div className={styles.told} role="status">
        {verdict === undefined ? <p>{problem === undefined ? t('audit.checking') : ''}</p> : <Told verdict={verdict} />}
        <Refusal problem={problem} />
        {saving === 'failed' ? <p role="alert">{t('audit.exportFailed')}</p> : null}
      </div>
      <div className={styles.buttons}>
        <Button onClick={() => setRound(round + 1)}>{t('audit.verify')}</Button>
        <Button tone="primary" disabled={saving === 'yes'} onClick={() => void take()}>
          {t(saving === 'yes' ? 'audit.exporting' : 'audit.export')}
        </Button>
      </div>
    </section>
  );
}

function Told({ verdict }: { verdict: Verdict }) {
  const { t, i18n } = useTranslation();
  const { timeZone } = useViewer();
  const whole = new Intl.NumberFormat(i18n.language);
  const { problem, badAnchors, anchor } = verdict;
  if (problem !== null)
    return (
      <>
        <p className={styles.strong}>{t('audit.broken', { seq: whole.format(problem.seq) })}</p>
        <p>{t(`audit.problem.${problem.problem}`)}</p>
        <p>{t('audit.brokenTodo')}</p>
      </>
    );
  if (badAnchors.length > 0)
    return (
      <>
        <p className={styles.strong}>{t('audit.badAnchors', { count: badAnchors.length })}</p>
        <p>{t('audit.brokenTodo')}</p>
      </>
    );
  const at = siteTime(verdict.at, i18n.language, timeZone);
  return (
    <>
      <p className={styles.strong}>
        {t(verdict.cursor === null ? 'audit.holds' : 'audit.holdsSoFar', { count: verdict.verified, entries: whole.format(verdict.verified) })}
      </p>
      <p>
        {t('audit.verifiedAt', { at })}
        {' · '}
        {anchor === null
          ? t('audit.notAnchored')
          : t('audit.anchored', { seq: whole.format(anchor.seq), at: siteTime(anchor.at, i18n.language, timeZone) })}
      </p>
      {verdict.key === '' ? null : (
        <details className={styles.details}>
          <summary>{t('audit.keyTitle')}</summary>
          <code className={styles.code}>{verdict.key}</code>
          <p>{t('audit.keyText')}</p>
        </details>
      )}
    </>
  );
}
