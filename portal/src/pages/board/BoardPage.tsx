import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { usePageTitle } from '../../app/usePageTitle';
import { Failure, Notice, Waiting } from '../../components/Notice';
import type { Alarm } from '../../gql/types';
import { AlarmStrip } from './AlarmStrip';
import styles from './BoardPage.module.css';
import { firstAlarms, type Floor, type FloorMachine } from '../../floor/floor';
import { StaleBanner } from './StaleBanner';
import { StateMix } from './StateMix';
import { Tile } from './Tile';
import { useFloor } from '../../floor/useFloor';

export function Component() {
  const { t } = useTranslation();
  usePageTitle(t('board.title'));
  const { floor, alarms, error, loading, reload } = useFloor();
  const cells = useMemo(() => byCell(floor), [floor]);
  const alarmOf = useMemo(() => firstAlarms(alarms), [alarms]);

  return (
    <div className={styles.page}>
      <header className={styles.head}>
        <h1 className={styles.title}>{t('board.title')}</h1>
        {floor.size === 0 ? null : <StateMix floor={floor} />}
      </header>
      {error !== undefined && floor.size > 0 ? <StaleBanner error={error} retry={reload} /> : null}
      {error !== undefined && floor.size === 0 ? <Failure error={error} retry={reload} /> : null}
      {loading ? <Waiting blocks={8} height="12.5rem" /> : null}
      {!loading && error === undefined && floor.size === 0 ? (
        <Notice title={t('board.empty')}>{t('board.emptyTodo')}</Notice>
      ) : null}
      <AlarmStrip alarms={alarms} floor={floor} />
      {cells.map(([cell, machines]) => (
        <Cell key={cell} cell={cell} machines={machines} alarmOf={alarmOf} />
      ))}
    </div>
  );
}

interface CellProps {
  cell: string;
  machines: readonly FloorMachine[];
  alarmOf: ReadonlyMap<string, Alarm>;
}

function Cell({ cell, machines, alarmOf }: CellProps) {
  const { t } = useTranslation();
  const name = cell === '' ? t('board.noCell') : cell;
  return (
    <section aria-label={name}>
      <div className={styles.cellHead}>
        <h2 className={styles.cell}>{name}</h2>
        <span className={styles.count}>{t('board.cellCount', { count: machines.length })}</span>
      </div>
      <ul className={styles.tiles}>
        {machines.map((machine) => (
          <li key={machine.id}>
            <Tile machine={machine} alarm={alarmOf.get(machine.id)} />
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Cells by name; in a cell the machines keep their places, so that eyes find them again. */
function byCell(floor: Floor): [string, FloorMachine[]][] {
  const cells = Map.groupBy(floor.values(), (machine) => machine.cell);
  for (const machines of cells.values()) {
    machines.sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }));
  }
  return [...cells].sort(([a], [b]) => a.localeCompare(b, undefined, { numeric: true }));
}
