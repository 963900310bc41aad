import { useTranslation } from 'react-i18next';
import { siteTime } from '../../../app/time';
import { useViewer } from '../../../app/useViewer';
import table from '../../../components/table.module.css';
import { useWho } from '../../../rest/usePeople';
import styles from './audit.module.css';
import type { AuditEntry } from './types';
import { isRefusal, useWords } from './useWords';

export function EntryTable({ entries, onOpen }: { entries: readonly AuditEntry[]; onOpen: (entry: AuditEntry) => void }) {
  const { t, i18n } = useTranslation();
  const { timeZone } = useViewer();
  const who = useWho();
  const words = useWords();
  return (
    <table className={table.table}>
      <thead>
        <tr>
          <th scope="col">{t('audit.what')}</th>
          <th scope="col">{t('audit.who')}</th>
          <th scope="col" className={table.minor}>{t('audit.object')}</th>
          <th scope="col" className={table.minor}>{t('audit.result')}</th>
          <th scope="col" className={table.number}>{t('audit.when')}</th>
        </tr>
      </thead>
      <tbody>
        {entries.map((entry) => (
          <tr key={entry.seq}>
            <th scope="row">
              <button type="button" className={styles.open} onClick={() => onOpen(entry)}>
                {words.action(entry)}
              </button>
              {!isRefusal(entry) ? null : <span className={styles.refused}>{words.result(entry)}</span>}
            </th>
            <td className={styles.who}>{who(entry.actor)}</td>
            <td className={`${table.minor} ${styles.who}`}>{words.object(entry)}</td>
            <td className={table.minor}>{words.result(entry)}</td>
            <td className={`${table.number} ${styles.when}`}>
              <time dateTime={entry.at}>{siteTime(entry.at, i18n.language, timeZone)}</time>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
