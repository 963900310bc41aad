import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../../../components/Button';
import { TextField } from '../../../components/Field';
import form from '../../../components/form.module.css';
import { Refusal } from '../../../components/Notice';
import { TimeZoneField } from '../../../components/TimeZoneField';
import type { CompanySite } from '../../../rest/people';
import { useAct } from '../../../rest/useRest';

/** Name and time zone of one site. */
export function SiteForm({ site, onChanged }: { site: CompanySite; onChanged: () => void }) {
  const { t } = useTranslation();
  const act = useAct();
  const [wish, setWish] = useState({ name: site.name, timeZone: site.timeZone });
  const same = wish.name.trim() === site.name && wish.timeZone === site.timeZone;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if ((await act.run((rest) => rest.send('PATCH', `/sites/${site.id}`, wish))) !== undefined) onChanged();
  };
  return (
    <form className={form.form} aria-label={site.name} onSubmit={(event) => void submit(event)}>
      <div className={form.row}>
        <TextField
          label={t('shop.siteName')}
          required
          maxLength={100}
          value={wish.name}
          onChange={(name) => setWish((before) => ({ ...before, name }))}
        />
        <TimeZoneField
          label={t('welcome.zone')}
          value={wish.timeZone}
          onChange={(timeZone) => setWish((before) => ({ ...before, timeZone }))}
        />
      </div>
      <Refusal problem={act.problem} />
      {same ? null : (
        <div className={form.actions}>
          <Button type="submit" disabled={act.busy}>
            {t('users.save')}
          </Button>
        </div>
      )}
    </form>
  );
}
