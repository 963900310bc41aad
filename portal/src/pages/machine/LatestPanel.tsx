import { useTranslation } from 'react-i18next';
import { Notice } from '../../components/Notice';
import { Panel } from '../../components/Panel';
import table from '../../components/table.module.css';
import { Since, useSpoken } from '../../components/Times';
import { inUnit, unitSign } from '../../components/units';
import { useSignalName } from '../../components/useSignalName';
import type { LatestValue, MachineDetail } from '../../gql/types';
import styles from './LatestPanel.module.css';

/** Newest value of every signal with its quality and age, in the units of the machine. */
export function LatestPanel({ machine }: { machine: MachineDetail }) {
  const { t } = useTranslation();
  return (
    <Panel title={t('latest.title')} flush>
      {machine.latest.length === 0 ? (
        <Notice title={t('latest.none')}>{t('latest.noneTodo')}</Notice>
      ) : (
        <div className={styles.scroll} tabIndex={0} role="region" aria-label={t('latest.scroll')}>
          <table className={table.table}>
            <thead>
              <tr>
                <th scope="col">{t('latest.signal')}</th>
                <th scope="col" className={table.number}>
                  {t('latest.value')}
                </th>
                <th scope="col">{t('latest.quality')}</th>
                <th scope="col" className={`${table.number} ${table.minor}`}>
                  {t('latest.age')}
                </th>
              </tr>
            </thead>
            <tbody>
              {machine.latest.map((value) => (
                <Row key={value.signal} latest={value} timeZone={machine.site.timeZone} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}

/** A word that this build does not know, in the shape of those it knows: «Tool change» for TOOL_CHANGE. */
const sentence = (word: string): string =>
  /^[A-Z][A-Z_]+$/.test(word) ? word.charAt(0) + word.slice(1).toLowerCase().replaceAll('_', ' ') : word;

/** From here on seconds are told as hours. */
const HOUR_S = 3_600;

function Row({ latest, timeZone }: { latest: LatestValue; timeZone: string }) {
  const { t, i18n } = useTranslation();
  const nameOf = useSignalName();
  const found = shown(latest, i18n.language);
  const say = useSpoken();
  const long = latest.unit === 'SECOND' && typeof latest.value === 'number' && latest.value >= HOUR_S;
  const text = typeof latest.value === 'string' ? t(`word.${found}`, t(`execution.${found}`, sentence(latest.value))) : found;
  return (
    <tr data-quality={latest.quality}>
      <th scope="row" title={latest.signal}>
        {nameOf(latest.signal)} <span className={styles.key}>{latest.signal}</span>
      </th>
      <td className={table.number}>
        <span className={styles.value}>{long ? say(Number(latest.value) * 1000) : (text ?? t('tile.none'))}</span>
        <span className={styles.unit}>{long ? '' : unitSign(latest.unit)}</span>
      </td>
      <td className={styles.quality}>{t(`quality.${latest.quality}`, latest.quality)}</td>
      <td className={`${table.number} ${table.quiet} ${table.minor}`}>
        <Since instant={latest.at} timeZone={timeZone} />
      </td>
    </tr>
  );
}

/** A number without a unit may be a name (program, line, tool): its digits are not grouped. */
function shown({ value, unit }: LatestValue, locale: string): string | null {
  if (typeof value !== 'number') return value;
  return new Intl.NumberFormat(locale, { maximumFractionDigits: 3, useGrouping: unit !== '' }).format(inUnit(value, unit));
}
