import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../../components/Button';
import { TextField } from '../../components/Field';
import form from '../../components/form.module.css';
import { Panel } from '../../components/Panel';
import table from '../../components/table.module.css';
import type { Counter } from '../../rest/types';
import styles from './ConnectPage.module.css';
import { canCount, CELL } from './wizard';

interface CountersProps {
  counters: readonly Counter[];
  /** The method that the machine will be read by. */
  chosen: string;
  choose: ((method: string) => void) | undefined;
  watching: boolean;
  watchS: number;
  watch: (() => void) | undefined;
  addCell: (cell: string) => void;
}

/** Every way this control counts parts, side by side: the one that moves while parts are made is the true one. */
export function CountersPanel({ counters, chosen, choose, watching, watchS, watch, addCell }: CountersProps) {
  const { t, i18n } = useTranslation();
  const group = useId();
  const number = new Intl.NumberFormat(i18n.language, { maximumFractionDigits: 3 });
  const actions =
    watch === undefined ? undefined : (
      <Button onClick={watch} disabled={watching}>
        {watching ? t('connect.watching', { s: watchS }) : t('connect.watch', { s: watchS })}
      </Button>
    );
  return (
    <Panel title={t('connect.counters')} note={t('connect.countersNote')} actions={actions} flush>
      <table className={table.table}>
        <thead>
          <tr>
            <th scope="col">{t('connect.method')}</th>
            <th scope="col" className={table.number}>
              {t('connect.value')}
            </th>
            <th scope="col" className={table.number}>
              {t('connect.counted')}
            </th>
            <th scope="col" className={table.minor}>
              {t('connect.meaning')}
            </th>
          </tr>
        </thead>
        <tbody>
          {counters.map((counter) => (
            <tr key={counter.method}>
              <th scope="row">
                <label className={styles.check}>
                  <input
                    type="radio"
                    name={group}
                    checked={counter.method === chosen}
                    disabled={choose === undefined || !canCount(counter)}
                    onChange={() => choose?.(counter.method)}
                  />
                  {counter.method}
                </label>
              </th>
              <td className={table.number}>{counter.value === null ? t('tile.none') : number.format(counter.value)}</td>
              <td className={table.number}>
                {counter.counted === null ? t('tile.none') : t('connect.plus', { count: counter.counted })}
              </td>
              <td className={table.minor}>{counter.why === '' ? counter.meaning : counter.why}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {choose === undefined ? null : <CellForm disabled={watching} addCell={addCell} />}
    </Panel>
  );
}

/** Many ladders count in a cell of their own, which only the machine's builder or its papers name. */
function CellForm({ disabled, addCell }: { disabled: boolean; addCell: (cell: string) => void }) {
  const { t } = useTranslation();
  const [cell, setCell] = useState('');
  const asked = cell.trim().toUpperCase();
  return (
    <form
      className={styles.cell}
      onSubmit={(event) => {
        event.preventDefault();
        addCell(asked);
        setCell('');
      }}
    >
      <TextField
        label={t('connect.pmcCell')}
        help={t('connect.pmcCellHelp')}
        value={cell}
        onChange={setCell}
        maxLength={8}
        placeholder="D100:4"
      />
      <div className={form.actions}>
        <Button type="submit" disabled={disabled || !CELL.test(asked)}>
          {t('connect.readCell')}
        </Button>
      </div>
    </form>
  );
}
