import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { SimBadge } from '../../components/SimBadge';
import { StateBadge } from '../../components/StateBadge';
import { STALE_MS, toState } from '../../components/states';
import { Ago, Since } from '../../components/Times';
import { useKind } from '../../components/useKind';
import { useNow } from '../../app/now';
import { ageMs } from '../../app/time';
import type { MachineDetail, Overrides } from '../../gql/types';
import styles from './MachineHead.module.css';

const OVERRIDES = ['feed', 'rapid', 'spindle'] as const satisfies readonly (keyof Overrides)[];

/** Name and state of the machine, and what it works on. */
export function MachineHead({ machine }: { machine: MachineDetail }) {
  const { t } = useTranslation();
  const kind = useKind(machine.kind);
  const age = ageMs(machine.lastSeen, useNow());
  const state = toState(machine.tileState);
  return (
    <header className={styles.head} data-state={state} data-stale={age === null || age > STALE_MS}>
      <div className={styles.who}>
        <div className={styles.names}>
          <h1 className={styles.name}>{machine.name}</h1>
          {machine.simulated ? <SimBadge /> : null}
        </div>
        <p className={styles.place}>{t('machine.place', { kind, cell: machine.cell, site: machine.site.name })}</p>
        <p className={styles.state}>
          <StateBadge state={state} size="lg" />
          {machine.stateSince === null ? null : (
            <Since className={styles.since} instant={machine.stateSince} timeZone={machine.site.timeZone} />
          )}
        </p>
        <p className={styles.links}>
          <Link to={`/machines/${machine.id}/programs`} className={styles.link}>
            {t('programs.title')}
          </Link>
          <Link to={`/changes/new?machine=${machine.id}`} className={styles.link}>
            {t('changes.new')}
          </Link>
        </p>
      </div>
      <Work machine={machine} />
    </header>
  );
}

function Work({ machine }: { machine: MachineDetail }) {
  const { t } = useTranslation();
  const none = t('tile.none');
  return (
    <dl className={styles.facts}>
      <Fact label={t('machine.program')}>{machine.program ?? none}</Fact>
      <Fact label={t('machine.tool')}>
        {machine.tool === null ? none : t('tile.toolNumber', { tool: machine.tool })}
      </Fact>
      <Fact label={t('machine.parts')}>
        {machine.partCount ?? none}
        {machine.partTarget === null ? null : (
          <span className={styles.of}>{t('tile.of', { target: machine.partTarget })}</span>
        )}
      </Fact>
      <Fact label={t('machine.overrides')}>
        <ul className={styles.overrides}>
          {OVERRIDES.map((name) => (
            <Override key={name} name={name} value={machine.overrides[name]} />
          ))}
        </ul>
      </Fact>
      <Fact label={t('machine.lastRow')}>
        {machine.lastSeen === null ? (
          t('tile.never')
        ) : (
          <Ago className={styles.age} instant={machine.lastSeen} timeZone={machine.site.timeZone} />
        )}
      </Fact>
    </dl>
  );
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className={styles.fact}>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** A full bar is 200 %, the end of the dial at most controls. */
const DIAL_END = 200;

function Override({ name, value }: { name: (typeof OVERRIDES)[number]; value: number | null }) {
  const { t } = useTranslation();
  return (
    <li className={styles.override} data-unusual={value !== null && value !== 100}>
      <span className={styles.overrideName}>{t(`machine.override.${name}`)}</span>
      <span className={styles.overrideValue}>
        {value === null ? t('machine.unknown') : t('machine.percent', { value })}
      </span>
      <span className={styles.dial} aria-hidden="true">
        <span className={styles.dialFill} style={{ inlineSize: `${(Math.min(value ?? 0, DIAL_END) / DIAL_END) * 100}%` }} />
      </span>
    </li>
  );
}
