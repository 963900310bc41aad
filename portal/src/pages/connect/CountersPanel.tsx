import { useTranslation } from 'react-i18next';
import { Button } from '../../components/Button';
import { Panel } from '../../components/Panel';
import table from '../../components/table.module.css';
import type { Counter } from '../../rest/types';

interface CountersProps {
  counters: readonly Counter[];
  watching: boolean;
  watchS: number;
  watch: (() => void) | undefined;
}

/** Every way this control counts parts, side by side: the one that moves while parts are made is the true one. */
export function CountersPanel({ counters, watching, watchS, watch }: CountersProps) {
  const { t, i18n } = useTranslation();
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
              <th scope="row">{counter.method}</th>
              <td className={table.number}>{counter.value === null ? t('tile.none') : number.format(counter.value)}</td>
              <td className={table.number}>
                {counter.counted === null ? t('tile.none') : t('connect.plus', { count: counter.counted })}
              </td>
              <td className={table.minor}>{counter.why === '' ? counter.meaning : counter.why}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}
