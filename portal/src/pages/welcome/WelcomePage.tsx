import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useSession } from '../../app/SessionContext';
import { usePageTitle } from '../../app/usePageTitle';
import { Button } from '../../components/Button';
import { TextField } from '../../components/Field';
import form from '../../components/form.module.css';
import { Refusal } from '../../components/Notice';
import { Plain } from '../../components/Plain';
import { ownTimeZone, TimeZoneField } from '../../components/TimeZoneField';
import type { Membership } from '../../rest/people';
import { useAct, useAsk } from '../../rest/useRest';
import { JoinCompany } from './JoinCompany';

const NAME_LENGTH = 100;

/** Somebody who belongs to no company makes one: three names and a time zone. */
export function Component() {
  const { t } = useTranslation();
  usePageTitle(t('welcome.title'));
  const { data } = useAsk<{ memberships: Membership[] }>('/memberships');
  const here = data?.memberships.find(({ current }) => current);
  return (
    <Plain title={t('welcome.title')} lead={<p>{t('welcome.lead')}</p>}>
      {here === undefined ? (
        <Begin />
      ) : (
        <p>
          {t('welcome.already', { company: here.company })} <Link to="/">{t('problem.home')}</Link>
        </p>
      )}
    </Plain>
  );
}

function Begin() {
  const session = useSession();
  return (session.provider ?? '') !== '' ? <JoinCompany /> : <Found />;
}

function Found() {
  const { t } = useTranslation();
  const session = useSession();
  const act = useAct();
  const [wish, setWish] = useState({ name: '', siteName: '', timeZone: ownTimeZone(), yourName: '' });
  const [leaving, setLeaving] = useState(false);
  const set = (part: Partial<typeof wish>) => setWish((before) => ({ ...before, ...part }));
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const made = await act.run((rest) => rest.send('POST', '/tenants', wish));
    if (made === undefined) return;
    setLeaving(true);
    // A fresh token: the API forgets what it knew of this one.
    await session.renew('/');
  };
  return (
    <form className={form.form} onSubmit={(event) => void submit(event)}>
      <TextField
        label={t('welcome.company')}
        required
        maxLength={NAME_LENGTH}
        autoComplete="organization"
        value={wish.name}
        onChange={(name) => set({ name })}
      />
      <TextField
        label={t('welcome.site')}
        help={t('welcome.siteHelp')}
        required
        maxLength={NAME_LENGTH}
        value={wish.siteName}
        onChange={(siteName) => set({ siteName })}
      />
      <TimeZoneField
        label={t('welcome.zone')}
        help={t('welcome.zoneHelp')}
        value={wish.timeZone}
        onChange={(timeZone) => set({ timeZone })}
      />
      <TextField
        label={t('welcome.you')}
        required
        maxLength={NAME_LENGTH}
        autoComplete="name"
        value={wish.yourName}
        onChange={(yourName) => set({ yourName })}
      />
      <Refusal problem={act.problem} />
      <div className={form.actions}>
        <Button type="submit" tone="primary" disabled={act.busy || leaving}>
          {t('welcome.button')}
        </Button>
      </div>
      <p className={form.why}>{t('welcome.invited')}</p>
    </form>
  );
}
