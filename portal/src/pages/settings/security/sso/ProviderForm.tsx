import { useState, type ChangeEvent, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../../../../components/Button';
import { Field, SelectField, TextField } from '../../../../components/Field';
import form from '../../../../components/form.module.css';
import { Refusal } from '../../../../components/Notice';
import { useAct } from '../../../../rest/useRest';
import { AtProvider } from './AtProvider';
import { KINDS, type Provider, type Providers } from './types';
import { bodyOf, fresh, NAMES, wishOf, type Wish } from './wish';

interface ProviderFormProps {
  places: Providers;
  held?: Provider;
  onSaved: () => void;
  onCancel: () => void;
}

/** First step: which provider, and what it gave us. */
export function ProviderForm({ places, held, onSaved, onCancel }: ProviderFormProps) {
  const { t } = useTranslation();
  const act = useAct();
  const [wish, setWish] = useState<Wish>(held === undefined ? fresh('entra') : wishOf(held));
  const set = (part: Partial<Wish>) => setWish((before) => ({ ...before, ...part }));
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const body = bodyOf(wish, held !== undefined);
    const saved = await act.run((rest) =>
      held === undefined ? rest.send('POST', '/sso/providers', body) : rest.send('PUT', `/sso/providers/${held.id}`, body),
    );
    if (saved !== undefined) onSaved();
  };
  return (
    <form className={form.form} onSubmit={(event) => void submit(event)}>
      <div className={form.row}>
        {held === undefined ? (
          <SelectField
            label={t('sso.kind')}
            value={wish.kind}
            options={KINDS.map((kind) => ({ value: kind, label: NAMES[kind] }))}
            onChange={(kind) => setWish(fresh(kind))}
          />
        ) : null}
        <TextField label={t('sso.name')} value={wish.name} onChange={(name) => set({ name })} maxLength={100} required />
        <TextField
          label={t('sso.domains')}
          help={t('sso.domainsHelp')}
          value={wish.domains}
          onChange={(domains) => set({ domains })}
          placeholder="example.com"
          required
        />
      </div>
      <AtProvider kind={wish.kind} places={places} />
      {wish.kind === 'saml' ? <Metadata wish={wish} set={set} /> : <Client wish={wish} set={set} held={held !== undefined} />}
      <Refusal problem={act.problem} />
      <div className={form.actions}>
        <Button type="submit" tone="primary" disabled={act.busy}>
          {t('sso.save')}
        </Button>
        <Button onClick={onCancel}>{t('sso.cancel')}</Button>
      </div>
    </form>
  );
}

interface PartProps {
  wish: Wish;
  set: (part: Partial<Wish>) => void;
}

function Client({ wish, set, held }: PartProps & { held: boolean }) {
  const { t } = useTranslation();
  return (
    <div className={form.row}>
      {wish.kind === 'entra' ? (
        <TextField
          label={t('sso.directory')}
          help={t('sso.directoryHelp')}
          value={wish.directoryId}
          onChange={(directoryId) => set({ directoryId })}
          required
        />
      ) : null}
      {wish.kind === 'oidc' ? (
        <TextField
          label={t('sso.issuer')}
          help={t('sso.issuerHelp')}
          value={wish.issuer}
          onChange={(issuer) => set({ issuer })}
          required
        />
      ) : null}
      <TextField label={t('sso.clientId')} value={wish.clientId} onChange={(clientId) => set({ clientId })} required />
      <TextField
        type="password"
        label={t('sso.clientSecret')}
        help={t(held ? 'sso.secretKept' : 'sso.secretHelp')}
        value={wish.clientSecret}
        onChange={(clientSecret) => set({ clientSecret })}
        autoComplete="off"
        required={!held}
      />
    </div>
  );
}

function Metadata({ wish, set }: PartProps) {
  const { t } = useTranslation();
  const read = async (event: ChangeEvent<HTMLInputElement>) => {
    const file = event.target.files?.[0];
    set({ metadata: file === undefined ? '' : await file.text() });
  };
  return (
    <div className={form.row}>
      <TextField
        type="url"
        label={t('sso.metadataUrl')}
        help={t('sso.metadataHelp')}
        value={wish.metadataUrl}
        onChange={(metadataUrl) => set({ metadataUrl })}
        required={wish.metadata === ''}
      />
      <Field label={t('sso.metadataFile')}>
        {(ids) => (
          <input
            {...ids}
            type="file"
            accept=".xml,application/xml,text/xml"
            className={form.input}
            onChange={(event) => void read(event)}
          />
        )}
      </Field>
    </div>
  );
}
