import { useTranslation } from 'react-i18next';
import { Panel } from '../../components/Panel';
import { When } from '../../components/When';
import type { Change } from '../../rest/types';
import styles from './ChangePage.module.css';

/** How the order ended, in the gateway's own words. */
export function OutcomePanel({ change }: { change: Change }) {
  const { t } = useTranslation();
  const { state, outcome, endedAt } = change;
  if (!['released', 'refused', 'restored', 'locked', 'expired'].includes(state)) return null;
  return (
    <Panel title={t('changes.outcome')} note={endedAt === null ? undefined : <When instant={endedAt} />}>
      <p>
        <strong>{t(`changes.ended.${state}`)}</strong>
      </p>
      {outcome === null ? null : (
        <dl className={styles.seen}>
          {factsOf(outcome).map(([name, value]) => (
            <div key={name}>
              <dt>{t(`changes.seen.${name}`, name.replaceAll('_', ' ').replaceAll('.', ' · '))}</dt>
              <dd>{name === 'code' ? t(`changes.code.${value.replaceAll('.', '_')}`, value) : value}</dd>
            </div>
          ))}
        </dl>
      )}
    </Panel>
  );
}

/** Every fact of what was seen with its place, nested ones too. */
export function factsOf(seen: object, place = ''): [string, string][] {
  return Object.entries(seen).flatMap(([name, value]): [string, string][] => {
    const here = place === '' ? name : `${place}.${name}`;
    if (value === null || value === '') return [];
    return typeof value === 'object' && !Array.isArray(value)
      ? factsOf(value as object, here)
      : [[here, Array.isArray(value) ? value.join(', ') : String(value)]];
  });
}
