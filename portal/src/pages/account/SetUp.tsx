import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../../components/Button';
import { CODE_LENGTH, CodeField } from '../../components/CodeField';
import form from '../../components/form.module.css';
import { Refusal } from '../../components/Notice';
import { useAct } from '../../rest/useRest';
import styles from './AccountPage.module.css';
import { QrCode } from './QrCode';
import { inGroups, secretOf } from './secret';

interface SetUpProps {
  /** Another authenticator in place of the one there is. */
  replacing?: boolean;
  onDone: () => void;
}

/** From a button to a confirmed authenticator. */
export function SetUp({ replacing = false, onDone }: SetUpProps) {
  const { t } = useTranslation();
  const act = useAct();
  const [uri, setUri] = useState<string>();
  const begin = async () => {
    const made = await act.run((rest) => rest.send<{ uri: string }>('POST', '/second-factor', {}));
    if (made !== undefined) setUri(made.uri);
  };
  if (uri !== undefined) return <Confirm uri={uri} onDone={onDone} />;
  return (
    <>
      <div className={form.actions}>
        <Button tone={replacing ? 'plain' : 'primary'} disabled={act.busy} onClick={() => void begin()}>
          {t(replacing ? 'account.replace' : 'account.setUp')}
        </Button>
      </div>
      <Refusal problem={act.problem} />
    </>
  );
}

function Confirm({ uri, onDone }: { uri: string; onDone: () => void }) {
  const { t } = useTranslation();
  const act = useAct();
  const [code, setCode] = useState('');
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const done = await act.run((rest) => rest.send('POST', '/second-factor/confirmation', { code }));
    if (done === undefined) setCode('');
    else onDone();
  };
  return (
    <ol className={styles.steps}>
      <li>
        <p>{t('account.scan')}</p>
        <div className={styles.scan}>
          <QrCode text={uri} label={t('account.qr')} />
          <div>
            <p className={form.why}>{t('account.typeInstead')}</p>
            <code className={styles.secret} data-secret>
              {inGroups(secretOf(uri))}
            </code>
          </div>
        </div>
      </li>
      <li>
        <form className={form.form} onSubmit={(event) => void submit(event)}>
          <CodeField help={t('account.codeHelp')} value={code} onChange={setCode} />
          <Refusal problem={act.problem} />
          <div className={form.actions}>
            <Button type="submit" tone="primary" disabled={act.busy || code.length !== CODE_LENGTH}>
              {t('account.confirm')}
            </Button>
          </div>
        </form>
      </li>
    </ol>
  );
}
