import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useNow } from '../../app/now';
import { ageMs } from '../../app/time';
import { SimBadge } from '../../components/SimBadge';
import { StateBadge } from '../../components/StateBadge';
import { attention, STALE_MS, toState } from '../../components/states';
import { Since, useSpoken } from '../../components/Times';
import { useKind } from '../../components/useKind';
import type { Alarm } from '../../gql/types';
import type { FloorMachine } from '../../floor/floor';
import { Parts } from './Parts';
import styles from './Tile.module.css';

interface TileProps {
  machine: FloorMachine;
  alarm: Alarm | undefined;
}

/** One machine: what it does, for how long, what it makes, and how old that knowledge is. */
export function Tile({ machine, alarm }: TileProps) {
  const { t } = useTranslation();
  const say = useSpoken();
  const kind = useKind(machine.kind);
  const now = useNow();
  const state = toState(machine.tileState);
  const age = ageMs(machine.lastSeen, now);
  const stale = age === null || age > STALE_MS;
  return (
    <article
      className={styles.tile}
      data-state={state}
      data-attention={attention(state, ageMs(machine.stateSince, now))}
      data-stale={stale}
      data-machine={machine.id}
    >
      <header className={styles.head}>
        <h3 className={styles.name}>
          <Link to={`/machines/${machine.id}`} className={styles.link}>
            {machine.name}
          </Link>
        </h3>
        <span className={styles.kind}>{kind}</span>
        {machine.simulated ? <SimBadge /> : null}
      </header>
      <p className={styles.state}>
        <StateBadge state={state} />
        {machine.stateSince === null ? null : (
          <Since className={styles.since} instant={machine.stateSince} timeZone={machine.site.timeZone} />
        )}
      </p>
      {alarm === undefined ? <Facts machine={machine} /> : <AlarmText alarm={alarm} />}
      <Parts machine={machine} />
      {stale ? (
        <p className={styles.stale}>{age === null ? t('tile.never') : t('tile.stale', { time: say(age) })}</p>
      ) : null}
    </article>
  );
}

function Facts({ machine }: { machine: FloorMachine }) {
  const { t } = useTranslation();
  return (
    <dl className={styles.facts}>
      <div>
        <dt>{t('tile.program')}</dt>
        <dd>{machine.program ?? t('tile.none')}</dd>
      </div>
      <div>
        <dt>{t('tile.tool')}</dt>
        <dd>{machine.tool === null ? t('tile.none') : t('tile.toolNumber', { tool: machine.tool })}</dd>
      </div>
    </dl>
  );
}

function AlarmText({ alarm }: { alarm: Alarm }) {
  return (
    <p className={styles.alarm}>
      <strong>{alarm.number}</strong>
      <span>{alarm.text}</span>
    </p>
  );
}
