import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../../components/Button';
import form from '../../components/form.module.css';
import { Refusal } from '../../components/Notice';
import { useAct } from '../../rest/useRest';
import styles from './AccountPage.module.css';

/** Ten recovery codes, made at the press of a button and shown this once. */
export function Recovery({ onKept }: { onKept: () => void }) {
  const { t } = useTranslation();
  const act = useAct();
  const [codes, setCodes] = useState<readonly string[]>();
  const make = async () => {
    const made = await act.run((rest) => rest.send<{ codes: string[] }>('POST', '/second-factor/recovery-codes', {}));
    if (made !== undefined) setCodes(made.codes);
  };
  return (
    <div className={form.form}>
      <p className={styles.lead}>{t(codes === undefined ? 'account.recoveryLead' : 'account.recoveryShown')}</p>
      {codes === undefined ? null : (
        <ul className={styles.codes} data-print>
          {codes.map((code) => (
            <li key={code}>
              <code>{code}</code>
            </li>
          ))}
        </ul>
      )}
      <Refusal problem={act.problem} />
      <div className={form.actions}>
        {codes === undefined ? (
          <Button tone="primary" disabled={act.busy} onClick={() => void make()}>
            {t('account.recoveryMake')}
          </Button>
        ) : (
          <>
            <Button onClick={() => window.print()}>{t('account.recoveryPrint')}</Button>
            <Button tone="primary" onClick={onKept}>
              {t('account.recoveryKept')}
            </Button>
          </>
        )}
      </div>
    </div>
  );
}
