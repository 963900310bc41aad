import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useQuery } from 'urql';
import { usePageTitle } from '../../app/usePageTitle';
import { Icon } from '../../components/Icon';
import { Failure, Notice, Waiting } from '../../components/Notice';
import page from '../../components/page.module.css';
import { Segmented } from '../../components/Segmented';
import { SimBadge } from '../../components/SimBadge';
import { StateGlyph } from '../../components/StateBadge';
import table from '../../components/table.module.css';
import { Ago, Since, useSpoken } from '../../components/Times';
import { Alarms } from '../../gql/operations';
import { useResume } from '../../gql/link';
import type { Alarm, NamedMachine } from '../../gql/types';
import { usePolling } from '../../gql/usePolling';
import styles from './AlarmsPage.module.css';

type Filter = 'active' | 'all';
const REFETCH_MS = 10_000;

/** Alarms of every machine, newest first. */
export function Component() {
  const { t } = useTranslation();
  usePageTitle(t('alarms.title'));
  const [filter, setFilter] = useState<Filter>('active');
  const [{ data, error }, refetch] = useQuery({
    query: Alarms,
    variables: { active: filter === 'active' ? true : null },
  });
  const reload = usePolling(refetch, REFETCH_MS);
  useResume(reload);
  const machines = new Map(data?.machines.map((machine) => [machine.id, machine]));
  const alarms = (data?.alarms ?? []).toSorted((a, b) => b.raisedAt.localeCompare(a.raisedAt));
  const options = [
    { value: 'active', label: t('alarms.active') },
    { value: 'all', label: t('alarms.all') },
  ] as const;
  return (
    <div className={page.page}>
      <header className={page.head}>
        <h1 className={page.title}>{t('alarms.title')}</h1>
        <Segmented label={t('alarms.filter')} value={filter} options={options} onChange={setFilter} />
      </header>
      {error !== undefined && data === undefined ? <Failure error={error} retry={reload} /> : null}
      {data === undefined && error === undefined ? <Waiting blocks={1} height="14rem" /> : null}
      {data !== undefined && alarms.length === 0 ? (
        <Notice tone="calm" title={t('alarms.none')}>{t('alarms.noneTodo')}</Notice>
      ) : null}
      {alarms.length === 0 ? null : (
        <ul className={`${page.card} ${styles.list}`}>
          {alarms.map((alarm) => (
            <Row key={alarm.id} alarm={alarm} machine={machines.get(alarm.machineId)} />
          ))}
        </ul>
      )}
    </div>
  );
}

function Row({ alarm, machine }: { alarm: Alarm; machine: NamedMachine | undefined }) {
  const { t } = useTranslation();
  const timeZone = machine?.site.timeZone ?? 'UTC';
  return (
    <li className={styles.row} data-active={alarm.active}>
      <span className={styles.mark} data-state={alarm.active ? 'ALARM' : undefined}>
        {alarm.active ? <StateGlyph state="ALARM" /> : <Icon name="check" size={14} />}
      </span>
      <div className={styles.what}>
        <p className={styles.title}>
          <span>{t('alarms.label', { number: alarm.number, type: alarm.type })}</span>
          {alarm.axis === null ? null : <span className={styles.axis}>{t('alarms.axis', { axis: alarm.axis })}</span>}
        </p>
        <p className={styles.text}>{alarm.text}</p>
      </div>
      <p className={styles.machine}>
        <Link to={`/machines/${alarm.machineId}`} className={table.link}>
          {machine?.name ?? alarm.machineId}
        </Link>
        {machine?.simulated === true ? <SimBadge /> : null}
        <span className={styles.cell}>{machine?.cell}</span>
      </p>
      <p className={styles.when}>
        <When alarm={alarm} timeZone={timeZone} />
      </p>
    </li>
  );
}

function When({ alarm, timeZone }: { alarm: Alarm; timeZone: string }) {
  const { t } = useTranslation();
  const say = useSpoken();
  if (alarm.active || alarm.clearedAt === null) {
    return (
      <>
        <Since className={styles.long} instant={alarm.raisedAt} timeZone={timeZone} />
        <span>{t('alarms.still')}</span>
      </>
    );
  }
  return (
    <>
      <Ago instant={alarm.raisedAt} timeZone={timeZone} />
      <span>{t('alarms.for', { time: say(Date.parse(alarm.clearedAt) - Date.parse(alarm.raisedAt)) })}</span>
    </>
  );
}
