import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../../../components/Button';
import { Dialog } from '../../../components/Dialog';
import { SelectField, TextField } from '../../../components/Field';
import form from '../../../components/form.module.css';
import { Refusal } from '../../../components/Notice';
import { useAct } from '../../../rest/useRest';
import styles from './keys.module.css';
import type { Scope, ShownKey } from './types';

const LIVES = ['30', '90', '365', '730'] as const;

interface NewKeyDialogProps {
  scopes: readonly Scope[];
  onMade: (made: ShownKey) => void;
  onClose: () => void;
}

/** What the key is for, what it may do, and for how long. */
export function NewKeyDialog({ scopes, onMade, onClose }: NewKeyDialogProps) {
  const { t } = useTranslation();
  const act = useAct();
  const [name, setName] = useState('');
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [days, setDays] = useState<(typeof LIVES)[number]>('365');
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const made = await act.run((rest) =>
      rest.send<ShownKey>('POST', '/keys', { name: name.trim(), scopes: chosen, days: Number(days) }),
    );
    if (made !== undefined) onMade(made);
  };
  const toggle = (scope: string) =>
    setChosen((before) => (before.includes(scope) ? before.filter((one) => one !== scope) : [...before, scope]));
  return (
    <Dialog title={t('keys.new')} onClose={onClose} actions={null}>
      <form className={form.form} onSubmit={(event) => void submit(event)}>
        <TextField label={t('keys.name')} help={t('keys.nameHelp')} value={name} onChange={setName} required maxLength={100} />
        <fieldset className={styles.scopes}>
          <legend className={form.label}>{t('keys.scopes')}</legend>
          {scopes
            .filter(({ given }) => given)
            .map(({ scope }) => (
              <label key={scope} className={styles.scope}>
                <input type="checkbox" checked={chosen.includes(scope)} onChange={() => toggle(scope)} />
                <span>
                  <code>{scope}</code>
                  <span className={form.help}>{t(`keys.scope.${scope}`)}</span>
                </span>
              </label>
            ))}
        </fieldset>
        <SelectField
          label={t('keys.life')}
          value={days}
          options={LIVES.map((value) => ({ value, label: t('keys.days', { count: Number(value) }) }))}
          onChange={setDays}
        />
        <Refusal problem={act.problem} />
        <div className={form.actions}>
          <Button type="submit" tone="primary" disabled={act.busy || name.trim() === '' || chosen.length === 0}>
            {t('keys.make')}
          </Button>
          <Button onClick={onClose}>{t('keys.cancel')}</Button>
        </div>
      </form>
    </Dialog>
  );
}
