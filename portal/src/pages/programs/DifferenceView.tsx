import { useTranslation } from 'react-i18next';
import type { BlockChange, Difference } from '../../rest/types';
import styles from './DifferenceView.module.css';

/** What a control would do differently, block by block. */
export function DifferenceView({ difference }: { difference: Difference }) {
  const { t } = useTranslation();
  if (difference.changes.length === 0) {
    return <p className={styles.same}>{difference.only_form ? t('diff.onlyForm') : t('diff.equal')}</p>;
  }
  return (
    <>
      <p className={styles.count}>{t('diff.count', { count: difference.changes.length + difference.more })}</p>
      <ul className={styles.list} tabIndex={0} aria-label={t('diff.meaning')}>
        {difference.changes.map((change, index) => (
          <Block key={index} change={change} />
        ))}
      </ul>
      {difference.more === 0 ? null : <p className={styles.count}>{t('diff.more', { count: difference.more })}</p>}
    </>
  );
}

function Block({ change }: { change: BlockChange }) {
  const { t } = useTranslation();
  const { kind, old_line: oldLine, new_line: newLine, old_text: oldText, new_text: newText, meaning } = change;
  return (
    <li className={styles.block} data-kind={kind}>
      <p className={styles.what}>
        <strong>{t(`diff.kind.${kind}`)}</strong>
        <span>{t('programs.line', { line: newLine ?? oldLine ?? 0 })}</span>
      </p>
      {meaning.length === 0 ? null : (
        <ul className={styles.words}>
          {meaning.map((word, index) => (
            <li key={index} className={styles.word}>
              <span>{t(`diff.what.${word.what}`, word.what)}</span>
              {word.old === null ? null : <del>{word.old}</del>}
              {word.new === null ? null : <ins>{word.new}</ins>}
            </li>
          ))}
        </ul>
      )}
      {oldText === '' ? null : <code className={styles.old}>− {oldText}</code>}
      {newText === '' ? null : <code className={styles.new}>+ {newText}</code>}
    </li>
  );
}
