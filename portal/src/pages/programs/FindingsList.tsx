import { useTranslation } from 'react-i18next';
import type { GcodeFinding } from '../../rest/types';
import styles from './FindingsList.module.css';

const ORDER: readonly GcodeFinding['severity'][] = ['error', 'warning', 'unknown', 'note'];
const SIGNS = { error: '✕', warning: '!', unknown: '?', note: 'i' } as const;

interface FindingsListProps {
  findings: readonly GcodeFinding[];
  /** Shows the line; without it lines are only told. */
  onMark?: ((line: number) => void) | undefined;
}

/** What the static check says, the worst first. */
export function FindingsList({ findings, onMark }: FindingsListProps) {
  const { t } = useTranslation();
  if (findings.length === 0) return <p className={styles.none}>{t('programs.noFindings')}</p>;
  const sorted = findings.toSorted(
    (a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity) || a.line - b.line,
  );
  return (
    <ul className={styles.list} tabIndex={0} aria-label={t('programs.findings')}>
      {sorted.map((finding, index) => (
        <li key={index} className={styles.finding} data-severity={finding.severity}>
          <span className={styles.sign} aria-hidden="true">
            {SIGNS[finding.severity]}
          </span>
          <div>
            <p className={styles.what}>
              {t(`programs.severity.${finding.severity}`)}
              {': '}
              {finding.code}
            </p>
            <p>{finding.seen === '' ? null : t('problem.seen', { seen: finding.seen })}</p>
            <p>{finding.expected === '' ? null : t('problem.expected', { expected: finding.expected })}</p>
          </div>
          {finding.line === 0 ? null : onMark === undefined ? (
            <span className={styles.line}>{t('programs.line', { line: finding.line })}</span>
          ) : (
            <button type="button" className={styles.jump} onClick={() => onMark(finding.line)}>
              {t('programs.line', { line: finding.line })}
            </button>
          )}
        </li>
      ))}
    </ul>
  );
}
