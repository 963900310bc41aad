import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { signInAside } from '../../app/aside';
import { readConfig } from '../../app/config';
import { useSession } from '../../app/SessionContext';
import { Button } from '../../components/Button';
import { TextField } from '../../components/Field';
import form from '../../components/form.module.css';
import { Refusal } from '../../components/Notice';
import { Panel } from '../../components/Panel';
import { useAct } from '../../rest/useRest';

/** Somebody new who came through a company's own sign-in: with the account they have, or without one. */
export function JoinCompany() {
  const { t } = useTranslation();
  const session = useSession();
  const act = useAct();
  const [trouble, setTrouble] = useState(false);
  const [waiting, setWaiting] = useState(false);
  const [code, setCode] = useState('');
  const join = async () => {
    if ((await act.run((rest) => rest.send('POST', '/sso/join', {}))) !== undefined) await session.renew('/');
  };
  const bring = async () => {
    setTrouble(false);
    setWaiting(true);
    try {
      const existingToken = await signInAside(readConfig(document), { identity_provider: 'COGNITO' });
      const brought = await act.run((rest) => rest.send('POST', '/sso/accounts', { existingToken, code: code.trim() }));
      // The other window left the session of the password behind: back through the company.
      if (brought !== undefined) await session.signInThrough?.(session.provider ?? '');
    } catch {
      setTrouble(true);
    } finally {
      setWaiting(false);
    }
  };
  return (
    <Panel title={t('joining.title')} note={t('joining.lead')}>
      <div className={form.form}>
        <p>{t('joining.bringLead')}</p>
        <TextField
          label={t('joining.code')}
          help={t('joining.codeHelp')}
          inputMode="numeric"
          autoComplete="one-time-code"
          maxLength={12}
          value={code}
          onChange={setCode}
        />
        <div className={form.actions}>
          <Button tone="primary" disabled={act.busy || waiting} onClick={() => void bring()}>
            {t('joining.bring')}
          </Button>
        </div>
        <p>{t('joining.joinLead')}</p>
        <div className={form.actions}>
          <Button disabled={act.busy || waiting} onClick={() => void join()}>
            {t('joining.join')}
          </Button>
        </div>
        {trouble ? <p role="alert">{t('joining.aside')}</p> : null}
        <Refusal problem={act.problem} />
      </div>
    </Panel>
  );
}
