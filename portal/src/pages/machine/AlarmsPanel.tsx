import { useTranslation } from 'react-i18next';
import { Icon } from '../../components/Icon';
import { Notice } from '../../components/Notice';
import { Panel } from '../../components/Panel';
import { StateGlyph } from '../../components/StateBadge';
import { Ago, Since, useSpoken } from '../../components/Times';
import type { Alarm, MachineDetail } from '../../gql/types';
import styles from './AlarmsPanel.module.css';

/** Alarms of the machine: what stands first, then what has passed. */
export function AlarmsPanel({ machine }: { machine: MachineDetail }) {
  const { t } = useTranslation();
  const alarms = machine.alarms.toSorted(
    (a, b) => Number(b.active) - Number(a.active) || b.raisedAt.localeCompare(a.raisedAt),
  );
  return (
    <Panel title={t('alarms.title')} flush>
      {alarms.length === 0 ? <Notice tone="calm" title={t('alarms.none')}>{t('alarms.noneTodo')}</Notice> : null}
      <ul className={styles.list}>
        {alarms.map((alarm) => (
          <Line key={alarm.id} alarm={alarm} timeZone={machine.site.timeZone} />
        ))}
      </ul>
    </Panel>
  );
}

function Line({ alarm, timeZone }: { alarm: Alarm; timeZone: string }) {
  const { t } = useTranslation();
  const say = useSpoken();
  return (
    <li className={styles.line} data-active={alarm.active}>
      <span className={styles.mark} data-state={alarm.active ? 'ALARM' : undefined}>
        {alarm.active ? <StateGlyph state="ALARM" /> : <Icon name="check" size={14} />}
      </span>
      <div>
        <p className={styles.title}>{t('alarms.label', { number: alarm.number, type: alarm.type })}</p>
        <p className={styles.text}>{alarm.text}</p>
        <p className={styles.when}>
          {alarm.active || alarm.clearedAt === null ? (
            <>
              <span>{t('alarms.still')}</span> <Since instant={alarm.raisedAt} timeZone={timeZone} />
            </>
          ) : (
            <>
              <Ago instant={alarm.raisedAt} timeZone={timeZone} />
              <span>
                {t('alarms.for', { time: say(Date.parse(alarm.clearedAt) - Date.parse(alarm.raisedAt)) })}
              </span>
            </>
          )}
        </p>
      </div>
    </li>
  );
}
