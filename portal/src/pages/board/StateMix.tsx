import { useTranslation } from 'react-i18next';
import { StateGlyph } from '../../components/StateBadge';
import { STATES, toState } from '../../components/states';
import type { Floor } from '../../floor/floor';
import styles from './StateMix.module.css';

/** How the machines of the shop are spread over the states: one bar, and the same in words. */
export function StateMix({ floor }: { floor: Floor }) {
  const { t } = useTranslation();
  const counts = Map.groupBy(floor.values(), (machine) => toState(machine.tileState));
  const present = STATES.flatMap((state) => {
    const count = counts.get(state)?.length ?? 0;
    return count === 0 ? [] : [{ state, count }];
  });
  return (
    <div className={styles.mix}>
      <div className={styles.bar} aria-hidden="true">
        {present.map(({ state, count }) => (
          <div key={state} className={styles.part} data-state={state} style={{ flexGrow: count }} />
        ))}
      </div>
      <ul className={styles.legend} aria-label={t('board.mix')}>
        {present.map(({ state, count }) => (
          <li key={state} className={styles.item}>
            <span className={styles.dot} data-state={state}>
              <StateGlyph state={state} />
            </span>
            {t('board.inState', { count, state: t(`state.${state}`) })}
          </li>
        ))}
      </ul>
    </div>
  );
}
