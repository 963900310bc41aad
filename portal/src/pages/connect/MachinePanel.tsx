import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { Button } from '../../components/Button';
import { Field, SelectField, TextField } from '../../components/Field';
import form from '../../components/form.module.css';
import { Refusal } from '../../components/Notice';
import { Panel } from '../../components/Panel';
import { useKind } from '../../components/useKind';
import { Board } from '../../gql/operations';
import type { ProbeReport } from '../../rest/types';
import { useAct } from '../../rest/useRest';
import styles from './ConnectPage.module.css';
import { recommendedPeriodMs, USUAL_COUNTER, type Address } from './wizard';

const NONE = {};
const KINDS = ['mill', 'lathe', '5-axis', 'other'] as const;
const MAPS = ['energy_meter', 'vibration_sensor'] as const;
const PERIODS_MS = [200, 500, 1000, 2000, 5000, 10_000];

interface MachinePanelProps {
  address: Address;
  report: ProbeReport;
  /** How parts are counted. */
  counts: string;
  added: boolean;
  onAdded: (id: string) => void;
}

/** What people call the machine, and how often it is read. */
export function MachinePanel({ address, report, counts, added, onAdded }: MachinePanelProps) {
  const { t } = useTranslation();
  const kindName = { mill: useKind('mill'), lathe: useKind('lathe'), '5-axis': useKind('5-axis'), other: t('connect.other') };
  const act = useAct();
  const [name, setName] = useState('');
  const [kind, setKind] = useState<(typeof KINDS)[number]>(report.facts['machine_type'] === 'T' ? 'lathe' : 'mill');
  const [cell, setCell] = useState('');
  const [map, setMap] = useState<(typeof MAPS)[number]>('energy_meter');
  const [periodMs, setPeriodMs] = useState(String(recommendedPeriodMs(report)));
  const [simulated, setSimulated] = useState(false);
  const modbus = report.protocol === 'modbus';
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const made = await act.run((rest) =>
      rest.send<{ id: string }>('POST', '/machines', {
        gatewayId: address.gatewayId,
        name: name.trim(),
        kind,
        cell: cell.trim(),
        component: report.protocol,
        host: report.host,
        port: report.port,
        periodMs: Number(periodMs),
        simulated,
        ...(modbus ? { settings: { map, unit: Number(address.unit) } } : {}),
        ...(report.counters.length > 0 && counts !== USUAL_COUNTER ? { settings: { counts } } : {}),
      }),
    );
    if (made !== undefined) onAdded(made.id);
  };
  const periods = [...new Set([...PERIODS_MS, recommendedPeriodMs(report)])].sort((a, b) => a - b);
  return (
    <Panel title={t('connect.name')} note={added ? t('connect.addedNote') : undefined}>
      <form className={form.form} onSubmit={(event) => void submit(event)}>
        <fieldset className={form.row} disabled={added}>
          <legend className="visually-hidden">{t('connect.name')}</legend>
          <TextField label={t('connect.machineName')} value={name} onChange={setName} required maxLength={80} />
          <SelectField
            label={t('machines.kind')}
            value={kind}
            options={KINDS.map((value) => ({ value, label: kindName[value] }))}
            onChange={setKind}
          />
          <CellField value={cell} onChange={setCell} />
          <SelectField
            label={t('connect.period')}
            help={t('connect.periodHelp', { ms: recommendedPeriodMs(report) })}
            value={periodMs}
            options={periods.map((ms) => ({ value: String(ms), label: t('connect.ms', { ms }) }))}
            onChange={setPeriodMs}
          />
          {modbus ? (
            <SelectField
              label={t('connect.map')}
              value={map}
              options={MAPS.map((value) => ({ value, label: t(`connect.maps.${value}`) }))}
              onChange={setMap}
            />
          ) : null}
          <label className={styles.check}>
            <input type="checkbox" checked={simulated} onChange={(event) => setSimulated(event.target.checked)} />
            {t('connect.simulated')}
          </label>
        </fieldset>
        <Refusal problem={act.problem} />
        {added ? null : (
          <div className={form.actions}>
            <Button type="submit" tone="primary" disabled={act.busy || name.trim() === '' || cell.trim() === ''}>
              {act.busy ? t('connect.adding') : t('connect.add')}
            </Button>
            <p className={form.why}>{t('connect.addNote')}</p>
          </div>
        )}
      </form>
    </Panel>
  );
}

/** A new cell or one that machines stand in already. */
function CellField({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const { t } = useTranslation();
  const [{ data }] = useQuery({ query: Board, variables: NONE, requestPolicy: 'cache-first' });
  const cells = [...new Set(data?.machines.map((machine) => machine.cell) ?? [])].sort();
  return (
    <Field label={t('machines.cell')} help={t('connect.cellHelp')}>
      {(ids) => (
        <>
          <input
            {...ids}
            className={form.input}
            value={value}
            list="connect-cells"
            required
            maxLength={40}
            onChange={(event) => onChange(event.target.value)}
          />
          <datalist id="connect-cells">
            {cells.map((cell) => (
              <option key={cell} value={cell} />
            ))}
          </datalist>
        </>
      )}
    </Field>
  );
}
