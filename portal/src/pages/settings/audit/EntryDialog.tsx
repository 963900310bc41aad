import { useTranslation } from 'react-i18next';
import { siteTime } from '../../../app/time';
import { useViewer } from '../../../app/useViewer';
import { Button } from '../../../components/Button';
import { Dialog } from '../../../components/Dialog';
import { useWho } from '../../../rest/usePeople';
import styles from './audit.module.css';
import type { AuditEntry } from './types';
import { useWords } from './useWords';

/** One entry as it stands in the chain: its words, its JSON, its hashes. */
export function EntryDialog({ entry, onClose }: { entry: AuditEntry; onClose: () => void }) {
  const { t, i18n } = useTranslation();
  const { timeZone } = useViewer();
  const who = useWho();
  const words = useWords();
  const rows: readonly (readonly [string, string])[] = [
    [t('audit.who'), `${who(entry.actor)} (${entry.actor})`],
    [t('audit.onBehalf'), entry.onBehalf],
    [t('audit.object'), entry.object],
    [t('audit.result'), entry.result === 'done' ? words.result(entry) : `${words.result(entry)} (${entry.result})`],
    [t('audit.when'), siteTime(entry.at, i18n.language, timeZone)],
    [t('audit.address'), entry.address],
    [t('audit.trace'), entry.trace],
    [t('audit.before'), entry.before],
    [t('audit.after'), entry.after],
    [t('audit.asked'), entry.request],
    [t('audit.previous'), entry.previous],
    [t('audit.hash'), entry.hash],
  ];
  return (
    <Dialog
      title={t('audit.entry', { seq: entry.seq, what: words.action(entry) })}
      onClose={onClose}
      actions={<Button onClick={onClose}>{t('audit.close')}</Button>}
    >
      <dl className={styles.facts}>
        {rows
          .filter(([, value]) => value !== '')
          .map(([name, value]) => (
            <div key={name} className={styles.fact}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
      </dl>
      <p className={styles.lead}>{t('audit.bodyText')}</p>
      <pre className={styles.code} tabIndex={0} aria-label={t('audit.body')}>
        {pretty(entry.body)}
      </pre>
    </Dialog>
  );
}

/** Readable; what is no JSON any more is shown as it stands. */
function pretty(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}
