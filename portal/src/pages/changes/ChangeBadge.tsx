import { useTranslation } from 'react-i18next';
import type { ChangeState } from '../../rest/types';
import styles from './ChangeBadge.module.css';
import { toneOf } from './gate';

/** Where a change stands, in a word. */
export function ChangeBadge({ state }: { state: ChangeState }) {
  const { t } = useTranslation();
  return (
    <span className={styles.badge} data-tone={toneOf(state)}>
      {t(`changes.state.${state}`)}
    </span>
  );
}
