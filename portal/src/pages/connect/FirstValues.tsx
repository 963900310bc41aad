import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useQuery, useSubscription } from 'urql';
import { useNow } from '../../app/now';
import form from '../../components/form.module.css';
import { Panel } from '../../components/Panel';
import { StateBadge } from '../../components/StateBadge';
import { toState } from '../../components/states';
import { useSpoken } from '../../components/Times';
import { inUnit, unitOfType, unitSign } from '../../components/units';
import { useSignalName } from '../../components/useSignalName';
import { LiveSignals, MachinePage } from '../../gql/operations';
import type { LiveFrame, SignalValue } from '../../gql/types';
import { useLease } from '../machine/lease';
import styles from './FirstValues.module.css';

const LOOK_EVERY_MS = 3_000;
const SHOWN = 12;
/** Later than this something keeps the gateway from reading. */
const PATIENCE_MS = 120_000;

/** Waits until the new machine is live, and shows what it says. */
export function FirstValues({ id }: { id: string }) {
  const { t } = useTranslation();
  const [beganMs] = useState(() => Date.now());
  const now = useNow();
  const streamed = useLive(id);
  const [{ data }, refetch] = useQuery({ query: MachinePage, variables: { id } });
  useEffect(() => {
    const timer = setInterval(() => refetch({ requestPolicy: 'network-only' }), LOOK_EVERY_MS);
    return () => clearInterval(timer);
  }, [refetch]);
  const say = useSpoken();
  // The first rows of a machine are stored at once; live ones follow when the gateway knows that somebody looks.
  const stored = (data?.machine?.latest ?? []).flatMap(({ signal, value }) => (value === null ? [] : [[signal, value] as const]));
  const values = new Map<string, SignalValue>([...stored, ...streamed]);
  const live = values.size > 0;
  const state = toState(data?.machine?.tileState ?? '');
  return (
    <Panel title={live ? t('connect.live') : t('connect.waiting')} note={live && data?.machine ? <StateBadge state={state} /> : undefined}>
      <div className={styles.body} aria-live="polite" data-live={live}>
        {live ? <Values values={values} /> : <p>{t('connect.waitingFor', { time: say(now - beganMs) })}</p>}
        {!live && now - beganMs > PATIENCE_MS ? <p>{t('connect.waitingTodo')}</p> : null}
        <p className={form.actions}>
          <Link to={`/machines/${id}`} className={`${form.button} ${form.primary}`}>
            {t('connect.open')}
          </Link>
        </p>
      </div>
    </Panel>
  );
}

function useLive(id: string): ReadonlyMap<string, SignalValue> {
  useLease(id, true);
  const [values, setValues] = useState<ReadonlyMap<string, SignalValue>>(new Map());
  const [{ data }] = useSubscription({ query: LiveSignals, variables: { machineId: id } });
  useEffect(() => {
    if (data !== undefined) setValues((before) => new Map([...before, ...newest(data.liveSignals)]));
  }, [data]);
  return values;
}

const newest = ({ columns }: LiveFrame): [string, SignalValue][] =>
  Object.entries(columns).flatMap(([key, column]): [string, SignalValue][] => {
    const value = column.at(-1) ?? null;
    return value === null ? [] : [[key, value]];
  });

function Values({ values }: { values: ReadonlyMap<string, SignalValue> }) {
  const { t, i18n } = useTranslation();
  const nameOf = useSignalName();
  const number = new Intl.NumberFormat(i18n.language, { maximumFractionDigits: 3 });
  const shown = [...values].slice(0, SHOWN);
  return (
    <>
      <dl className={styles.values}>
        {shown.map(([key, value]) => (
          <div key={key} data-signal={key}>
            <dt>{nameOf(key)}</dt>
            <dd>
              {typeof value === 'number'
                ? `${number.format(inUnit(value, unitOfType(key)))} ${unitSign(unitOfType(key))}`
                : t(`word.${value}`, t(`execution.${value}`, String(value)))}
            </dd>
          </div>
        ))}
      </dl>
      {values.size > SHOWN ? <p className={form.why}>{t('connect.more', { count: values.size - SHOWN })}</p> : null}
    </>
  );
}
