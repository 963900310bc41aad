import { useTranslation } from 'react-i18next';
import { SelectField, TextField } from '../../../components/Field';
import { useNames } from '../../../rest/usePeople';
import styles from './audit.module.css';
import { NOUNS } from './filters';
import type { Filters } from './types';

/** Who, what, how it ended, and when. */
export function FilterBar({ filters, onChange }: { filters: Filters; onChange: (filters: Filters) => void }) {
  const { t } = useTranslation();
  const names = useNames();
  const set = (changed: Partial<Filters>) => onChange({ ...filters, ...changed });
  const anything = { value: '', label: t('audit.any') };
  const people = toldApart(names).sort((a, b) => a.label.localeCompare(b.label));
  const nouns = NOUNS.map((value) => ({ value: value as string, label: t(`audit.nouns.${value}`) }));
  const results = (['', 'done', 'refused'] as const).map((value) => ({
    value,
    label: value === '' ? t('audit.any') : t(`audit.results.${value}`),
  }));
  return (
    <form role="search" aria-label={t('audit.filters')} className={styles.filters} onSubmit={(event) => event.preventDefault()}>
      <SelectField label={t('audit.who')} value={filters.actor} options={[anything, ...people]} onChange={(actor) => set({ actor })} />
      <SelectField label={t('audit.what')} value={filters.noun} options={[anything, ...nouns]} onChange={(noun) => set({ noun })} />
      <SelectField label={t('audit.result')} value={filters.result} options={results} onChange={(result) => set({ result })} />
      <TextField label={t('audit.from')} type="date" value={filters.from} onChange={(from) => set({ from })} />
      <TextField label={t('audit.to')} type="date" value={filters.to} onChange={(to) => set({ to })} />
    </form>
  );
}

/** People who are told by their role have the same words: their ids tell them apart. */
function toldApart(names: ReadonlyMap<string, string>): { value: string; label: string }[] {
  const words = [...names.values()];
  return [...names].map(([value, label]) => ({
    value,
    label: words.indexOf(label) === words.lastIndexOf(label) ? label : `${label} (${value})`,
  }));
}
