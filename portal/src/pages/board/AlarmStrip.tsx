import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { StateGlyph } from '../../components/StateBadge';
import { Since } from '../../components/Times';
import type { Alarm } from '../../gql/types';
import styles from './AlarmStrip.module.css';
import type { Floor } from '../../floor/floor';

const SHOWN = 4;

/** Active alarms above everything else, the longest standing first. */
export function AlarmStrip({ alarms, floor }: { alarms: readonly Alarm[]; floor: Floor }) {
  const { t } = useTranslation();
  const shown = alarms
    .filter((alarm) => floor.has(alarm.machineId))
    .sort((a, b) => a.raisedAt.localeCompare(b.raisedAt));
  if (shown.length === 0) return null;
  return (
    <section className={styles.strip} aria-label={t('board.alarms', { count: shown.length })}>
      <Link to="/alarms" className={styles.count} data-state="ALARM">
        <StateGlyph state="ALARM" />
        {t('board.alarms', { count: shown.length })}
      </Link>
      <ul className={styles.list}>
        {shown.slice(0, SHOWN).map((alarm) => (
          <AlarmLine key={alarm.id} alarm={alarm} floor={floor} />
        ))}
      </ul>
    </section>
  );
}

function AlarmLine({ alarm, floor }: { alarm: Alarm; floor: Floor }) {
  const machine = floor.get(alarm.machineId);
  if (machine === undefined) return null;
  return (
    <li>
      <Link to={`/machines/${machine.id}`} className={styles.line}>
        <span className={styles.machine}>{machine.name}</span>
        <span className={styles.number}>{alarm.number}</span>
        <span className={styles.text}>{alarm.text}</span>
        <Since className={styles.since} instant={alarm.raisedAt} timeZone={machine.site.timeZone} />
      </Link>
    </li>
  );
}
