import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../../components/Button';
import { CODE_LENGTH, CodeField } from '../../components/CodeField';
import { TextField } from '../../components/Field';
import form from '../../components/form.module.css';
import { Refusal } from '../../components/Notice';
import { useAct } from '../../rest/useRest';

type Way = 'code' | 'smsCode' | 'recoveryCode';

const PATH = '/sessions/current/factor';
const RECOVERY_LENGTH = 29;

interface ShowFactorProps {
  /** Masked number that takes codes by SMS; empty: none. */
  phone: string;
  onShown: () => void;
}

/** The code of the authenticator, or one of the other ways for who does not have it at hand. */
export function ShowFactor({ phone, onShown }: ShowFactorProps) {
  const { t } = useTranslation();
  const act = useAct();
  const [way, setWay] = useState<Way>('code');
  const [code, setCode] = useState('');
  const change = (next: Way) => {
    setWay(next);
    setCode('');
    act.clear();
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const shown = await act.run((rest) => rest.send('POST', PATH, { [way]: code.trim() }));
    if (shown === undefined) setCode('');
    else onShown();
  };
  const bySms = async () => {
    const sent = await act.run((rest) => rest.send('POST', `${PATH}/sms`, {}));
    if (sent !== undefined) change('smsCode');
  };
  const ready = way === 'recoveryCode' ? code.trim().length >= 24 : code.length === CODE_LENGTH;
  return (
    <form className={form.form} onSubmit={(event) => void submit(event)}>
      {way === 'recoveryCode' ? (
        <TextField
          label={t('factor.recoveryCode')}
          help={t('factor.recoveryHelp')}
          value={code}
          onChange={setCode}
          maxLength={RECOVERY_LENGTH + 10}
          autoComplete="off"
          required
        />
      ) : (
        <CodeField help={t(way === 'code' ? 'account.codeHelp' : 'factor.smsHelp')} value={code} onChange={setCode} />
      )}
      <Refusal problem={act.problem} />
      <div className={form.actions}>
        <Button type="submit" tone="primary" disabled={act.busy || !ready}>
          {t('factor.show')}
        </Button>
        {phone === '' || way === 'smsCode' ? null : (
          <Button disabled={act.busy} onClick={() => void bySms()}>
            {t('factor.sendSms', { phone })}
          </Button>
        )}
        {way === 'code' ? null : <Button onClick={() => change('code')}>{t('factor.useCode')}</Button>}
        {way === 'recoveryCode' ? null : (
          <Button onClick={() => change('recoveryCode')}>{t('factor.useRecovery')}</Button>
        )}
      </div>
    </form>
  );
}
