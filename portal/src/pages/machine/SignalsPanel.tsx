import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Strip } from '../../charts/Strip';
import { firstSignals } from '../../components/chosen';
import { Failure, Notice } from '../../components/Notice';
import { Panel } from '../../components/Panel';
import { Segmented } from '../../components/Segmented';
import type { MachineDetail } from '../../gql/types';
import { useLease } from './lease';
import { RANGES, SPANS, type Range } from './ranges';
import { SignalPicker } from './SignalPicker';
import styles from './SignalsPanel.module.css';
import { useKnownSignals } from './useKnownSignals';
import { useSignals } from './useSignals';

/** Signals of the machine: live, or back to a day. */
export function SignalsPanel({ machine }: { machine: MachineDetail }) {
  const { t } = useTranslation();
  const [range, setRange] = useState<Range>('live');
  const [picked, setPicked] = useState<readonly string[] | null>(null);
  const numeric = useKnownSignals(machine);
  const keys = picked ?? firstSignals(numeric);
  const lease = useLease(machine.id, range === 'live');
  const { source, state, error } = useSignals(machine.id, keys, range);
  const unitOf = new Map(numeric.map(({ key, unit }) => [key, unit]));

  const options = RANGES.map((value) => ({ value, label: t(`signals.ranges.${value}`) }));
  const actions = (
    <>
      <SignalPicker signals={numeric} picked={keys} onChange={setPicked} />
      <Segmented label={t('signals.range')} value={range} options={options} onChange={setRange} />
    </>
  );
  return (
    <Panel title={t('signals.title')} actions={actions} note={range === 'live' && lease === 'resting' ? t('signals.resting') : undefined}>
      {numeric.length === 0 ? <Notice title={t('signals.none')}>{t('signals.noneTodo')}</Notice> : null}
      {state === 'failed' && error !== undefined ? (
        <Failure error={error} retry={() => setPicked([...keys])} />
      ) : (
        <div className={styles.strips} aria-busy={state === 'loading'} data-range={range}>
          {keys.map((key, index) => (
            <Strip
              key={key}
              source={source}
              signal={key}
              unit={unitOf.get(key) ?? ''}
              timeZone={machine.site.timeZone}
              windowS={SPANS[range].lengthS}
              last={index === keys.length - 1}
            />
          ))}
        </div>
      )}
    </Panel>
  );
}
