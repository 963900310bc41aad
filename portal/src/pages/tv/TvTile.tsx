import { useTranslation } from 'react-i18next';
import { useNow } from '../../app/now';
import { ageMs } from '../../app/time';
import { SimBadge } from '../../components/SimBadge';
import { StateGlyph } from '../../components/StateBadge';
import { attention, STALE_MS, toState } from '../../components/states';
import { Since, useSpoken } from '../../components/Times';
import type { FloorMachine } from '../../floor/floor';
import type { Alarm } from '../../gql/types';
import styles from './TvTile.module.css';

/** One machine, to be read across the hall: name, state, time in it, parts. */
export function TvTile({ machine, alarm }: { machine: FloorMachine; alarm: Alarm | undefined }) {
  const { t } = useTranslation();
  const say = useSpoken();
  const now = useNow();
  const state = toState(machine.tileState);
  const age = ageMs(machine.lastSeen, now);
  const stale = age === null || age > STALE_MS;
  const { partCount: made, partTarget: target } = machine;
  return (
    <article
      className={styles.tile}
      data-state={state}
      data-attention={attention(state, ageMs(machine.stateSince, now))}
      data-machine={machine.id}
      data-stale={stale}
    >
      <header className={styles.head}>
        <h2 className={styles.name}>{machine.name}</h2>
        {machine.simulated ? <SimBadge /> : null}
      </header>
      <p className={styles.state}>
        <span className={styles.glyph}>
          <StateGlyph state={state} />
        </span>
        <span className={styles.word}>{t(`state.${state}`)}</span>
        {machine.stateSince === null ? null : (
          <Since className={styles.since} instant={machine.stateSince} timeZone={machine.site.timeZone} />
        )}
      </p>
      {machine.program === null ? null : <p className={styles.program}>{machine.program}</p>}
      {alarm === undefined ? (
        <div className={styles.parts}>
          <p className={styles.count}>
            <span className={styles.made}>{made ?? t('tile.none')}</span>
            {target === null ? null : <span>{t('tile.of', { target })}</span>}
          </p>
          {made === null || target === null || target <= 0 ? null : (
            <div className={styles.track} aria-hidden="true">
              <div className={styles.fill} style={{ inlineSize: `${Math.min(1, made / target) * 100}%` }} />
            </div>
          )}
        </div>
      ) : (
        <p className={styles.alarm}>{t('alarms.tv', { number: alarm.number, text: alarm.text })}</p>
      )}
      {stale ? (
        <p className={styles.stale}>{age === null ? t('tile.never') : t('tile.stale', { time: say(age) })}</p>
      ) : null}
    </article>
  );
}
