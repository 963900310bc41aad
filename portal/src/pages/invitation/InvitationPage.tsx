import { useEffect, useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { useSession } from '../../app/SessionContext';
import { usePageTitle } from '../../app/usePageTitle';
import { siteTime } from '../../app/time';
import { Button } from '../../components/Button';
import { TextField } from '../../components/Field';
import form from '../../components/form.module.css';
import { Notice, Refusal, Waiting } from '../../components/Notice';
import { Plain } from '../../components/Plain';
import { ownTimeZone } from '../../components/TimeZoneField';
import { useGrantWords } from '../../components/useGrantWords';
import type { Letter, Membership } from '../../rest/people';
import { useAct } from '../../rest/useRest';

const NAME_LENGTH = 100;

/** What an invitation offers, and the button that takes it. Its token stands behind the `#` and reaches no log. */
export function Component() {
  const { t } = useTranslation();
  usePageTitle(t('invitation.title'));
  const [token] = useState(() => window.location.hash.slice(1));
  const { run, problem } = useAct();
  const [letter, setLetter] = useState<Letter>();
  useEffect(() => {
    if (token !== '') void run((rest) => rest.send<Letter>('POST', '/invitations/letter', { token })).then(setLetter);
  }, [token, run]);
  if (token === '') {
    return (
      <Plain title={t('invitation.title')}>
        <Notice title={t('invitation.none')}>{t('invitation.noneTodo')}</Notice>
      </Plain>
    );
  }
  return (
    <Plain title={letter === undefined ? t('invitation.title') : t('invitation.to', { company: letter.company })}>
      <Refusal problem={problem} />
      {letter === undefined ? problem === undefined && <Waiting blocks={1} height="12rem" /> : <Offer letter={letter} token={token} />}
    </Plain>
  );
}

function Offer({ letter, token }: { letter: Letter; token: string }) {
  const { t, i18n } = useTranslation();
  const session = useSession();
  const words = useGrantWords();
  const act = useAct();
  const [name, setName] = useState('');
  const [leaving, setLeaving] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const made = await act.run(async (rest) => {
      const joined = await rest.send<Membership>('POST', '/invitations/accept', { token, name });
      const { memberships } = await rest.get<{ memberships: Membership[] }>('/memberships');
      // Who belonged to none works for this one from the next token on; others choose it now.
      if (memberships.some(({ current }) => current)) {
        await rest.send('POST', '/sessions/current/tenant', { tenantId: joined.tenantId });
      }
      return joined;
    });
    if (made === undefined) return;
    setLeaving(true);
    await session.renew('/');
  };
  return (
    <form className={form.form} onSubmit={(event) => void submit(event)}>
      <p>{t('invitation.by', { name: letter.invitedBy })}</p>
      <ul>
        {words(letter.grants, new Map(Object.entries(letter.sites))).map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
      {letter.accessEndsAt === null ? null : (
        <p>{t('invitation.until', { at: siteTime(letter.accessEndsAt, i18n.language, ownTimeZone()) })}</p>
      )}
      <TextField
        label={t('welcome.you')}
        required
        maxLength={NAME_LENGTH}
        autoComplete="name"
        value={name}
        onChange={setName}
      />
      <Refusal problem={act.problem} />
      <div className={form.actions}>
        <Button type="submit" tone="primary" disabled={act.busy || leaving}>
          {t('invitation.accept')}
        </Button>
      </div>
    </form>
  );
}
