import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../../components/Button';
import { CODE_LENGTH, CodeField } from '../../components/CodeField';
import { TextField } from '../../components/Field';
import form from '../../components/form.module.css';
import { Notice, ProblemNotice, Refusal, Waiting } from '../../components/Notice';
import { Panel } from '../../components/Panel';
import type { FactorState } from '../../rest/sessions';
import { useAct, useAsk } from '../../rest/useRest';
import styles from './AccountPage.module.css';
import { Recovery } from './Recovery';
import { SetUp } from './SetUp';

/** The authenticator of this person, and what stands in for it when it is lost. */
export function FactorPanel() {
  const { t } = useTranslation();
  const { data, problem, reload } = useAsk<FactorState>('/second-factor');
  const [made, setMade] = useState(false);
  const done = () => {
    setMade(true);
    reload();
  };
  return (
    <Panel title={t('account.factor')} note={t('account.factorNote')}>
      <div className={form.form}>
        {problem === undefined ? null : <ProblemNotice problem={problem} retry={reload} />}
        {data === undefined && problem === undefined ? <Waiting blocks={1} height="6rem" /> : null}
        {data?.enrolled === false ? (
          <>
            <p className={styles.lead}>{t('account.factorLead')}</p>
            <SetUp onDone={done} />
          </>
        ) : null}
        {made ? (
          <Notice tone="calm" title={t('account.done')}>
            {t('account.doneTodo')}
          </Notice>
        ) : null}
        {data?.enrolled === true ? <Enrolled state={data} fresh={made} onChange={reload} onReplaced={done} /> : null}
      </div>
    </Panel>
  );
}

interface EnrolledProps {
  state: FactorState;
  fresh: boolean;
  onChange: () => void;
  onReplaced: () => void;
}

function Enrolled({ state, fresh, onChange, onReplaced }: EnrolledProps) {
  const { t } = useTranslation();
  const act = useAct();
  const [codes, setCodes] = useState(fresh && state.recoveryCodesLeft === 0);
  const remove = async () => {
    if ((await act.run((rest) => rest.send('DELETE', '/second-factor', {}))) !== undefined) onChange();
  };
  const kept = () => {
    setCodes(false);
    onChange();
  };
  return (
    <>
      <dl className={styles.facts}>
        <dt>{t('account.authenticator')}</dt>
        <dd>{t('account.isSetUp')}</dd>
        <dt>{t('account.recovery')}</dt>
        <dd>{t('account.recoveryLeft', { count: state.recoveryCodesLeft })}</dd>
        <dt>{t('account.phone')}</dt>
        <dd>{state.phone === '' ? t('account.noPhone') : state.phone}</dd>
      </dl>
      {codes ? <Recovery onKept={kept} /> : null}
      <Refusal problem={act.problem} />
      {codes ? null : (
        <>
          <div className={form.actions}>
            <Button onClick={() => setCodes(true)}>{t('account.newRecovery')}</Button>
            <Button disabled={act.busy} onClick={() => void remove()}>
              {t('account.remove')}
            </Button>
          </div>
          <SetUp replacing onDone={onReplaced} />
          <PhoneForm state={state} onChange={onChange} />
        </>
      )}
    </>
  );
}

function PhoneForm({ state, onChange }: { state: FactorState; onChange: () => void }) {
  const { t } = useTranslation();
  const act = useAct();
  const [number, setNumber] = useState('');
  const [code, setCode] = useState('');
  const [sent, setSent] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const path = `/second-factor/phone${sent ? '/confirmation' : ''}`;
    const body = sent ? { code } : { number: number.replace(/[\s()/-]/g, '') };
    if ((await act.run((rest) => rest.send('POST', path, body))) === undefined) return;
    setSent(!sent);
    if (sent) onChange();
  };
  const remove = async () => {
    if ((await act.run((rest) => rest.send('DELETE', '/second-factor/phone', {}))) !== undefined) onChange();
  };
  if (state.phone !== '' && !sent) {
    return (
      <div className={form.actions}>
        <Button disabled={act.busy} onClick={() => void remove()}>
          {t('account.removePhone')}
        </Button>
        <Refusal problem={act.problem} />
      </div>
    );
  }
  return (
    <form className={form.form} onSubmit={(event) => void submit(event)}>
      {sent ? (
        <CodeField help={t('factor.smsHelp')} value={code} onChange={setCode} />
      ) : (
        <TextField
          label={t('account.phoneNumber')}
          help={t('account.phoneHelp')}
          value={number}
          onChange={setNumber}
          type="tel"
          autoComplete="tel"
          maxLength={24}
        />
      )}
      <Refusal problem={act.problem} />
      <div className={form.actions}>
        <Button type="submit" disabled={act.busy || (sent ? code.length !== CODE_LENGTH : number.length < 8)}>
          {t(sent ? 'account.confirm' : 'account.addPhone')}
        </Button>
      </div>
    </form>
  );
}
