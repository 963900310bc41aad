import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { usePageTitle } from '../../app/usePageTitle';
import { Failure, Notice, Waiting } from '../../components/Notice';
import { ConnectLink } from '../../components/ConnectLink';
import page from '../../components/page.module.css';
import { SimBadge } from '../../components/SimBadge';
import { StateBadge } from '../../components/StateBadge';
import { byUrgency, toState } from '../../components/states';
import table from '../../components/table.module.css';
import { Ago, Since } from '../../components/Times';
import { useKind } from '../../components/useKind';
import type { FloorMachine } from '../../floor/floor';
import { useFloor } from '../../floor/useFloor';

/** Every machine in one list, those that need somebody first. */
export function Component() {
  const { t } = useTranslation();
  usePageTitle(t('machines.title'));
  const { floor, error, loading, reload } = useFloor();
  const [wanted, setWanted] = useState('');
  const shown = [...floor.values()]
    .filter((machine) => matches(machine, wanted))
    .sort((a, b) =>
      byUrgency({ state: toState(a.tileState), name: a.name }, { state: toState(b.tileState), name: b.name }),
    );
  return (
    <div className={page.page}>
      <header className={page.head}>
        <h1 className={page.title}>{t('machines.title')}</h1>
        <input
          type="search"
          className={page.search}
          aria-label={t('machines.search')}
          placeholder={t('machines.search')}
          value={wanted}
          onChange={(event) => setWanted(event.target.value)}
        />
        <ConnectLink />
      </header>
      {error !== undefined && floor.size === 0 ? <Failure error={error} retry={reload} /> : null}
      {loading ? <Waiting blocks={1} height="20rem" /> : null}
      {!loading && error === undefined && shown.length === 0 ? <Nothing any={floor.size > 0} /> : null}
      {shown.length === 0 ? null : <MachineTable machines={shown} />}
    </div>
  );
}

function Nothing({ any }: { any: boolean }) {
  const { t } = useTranslation();
  return any ? (
    <Notice title={t('machines.noMatch')}>{t('machines.noMatchTodo')}</Notice>
  ) : (
    <Notice title={t('board.empty')}>{t('board.emptyTodo')}</Notice>
  );
}

const matches = (machine: FloorMachine, wanted: string): boolean =>
  [machine.name, machine.cell, machine.kind].some((text) =>
    text.toLocaleLowerCase().includes(wanted.trim().toLocaleLowerCase()),
  );

function MachineTable({ machines }: { machines: readonly FloorMachine[] }) {
  const { t } = useTranslation();
  return (
    <div className={page.card}>
      <table className={table.table}>
        <thead>
          <tr>
            <th scope="col">{t('machines.name')}</th>
            <th scope="col">{t('machines.state')}</th>
            <th scope="col" className={table.minor}>
              {t('machines.cell')}
            </th>
            <th scope="col" className={table.minor}>
              {t('machines.kind')}
            </th>
            <th scope="col" className={`${table.number} ${table.minor}`}>
              {t('machines.parts')}
            </th>
            <th scope="col" className={table.number}>
              {t('machines.lastSeen')}
            </th>
          </tr>
        </thead>
        <tbody>
          {machines.map((machine) => (
            <Row key={machine.id} machine={machine} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ machine }: { machine: FloorMachine }) {
  const { t } = useTranslation();
  const kind = useKind(machine.kind);
  const { timeZone } = machine.site;
  return (
    <tr>
      <th scope="row">
        <span className={table.together}>
          <Link to={`/machines/${machine.id}`} className={table.link}>
            {machine.name}
          </Link>
          {machine.simulated ? <SimBadge /> : null}
        </span>
      </th>
      <td>
        <span className={table.together}>
          <StateBadge state={toState(machine.tileState)} />
          {machine.stateSince === null ? null : (
            <Since className={table.minor} instant={machine.stateSince} timeZone={timeZone} />
          )}
        </span>
      </td>
      <td className={table.minor}>{machine.cell}</td>
      <td className={table.minor}>{kind}</td>
      <td className={`${table.number} ${table.minor}`}>
        {machine.partCount === null
          ? t('tile.none')
          : machine.partTarget === null
            ? machine.partCount
            : t('machines.made', { made: machine.partCount, target: machine.partTarget })}
      </td>
      <td className={`${table.number} ${table.quiet}`}>
        {machine.lastSeen === null ? t('gateways.never') : <Ago instant={machine.lastSeen} timeZone={timeZone} />}
      </td>
    </tr>
  );
}
