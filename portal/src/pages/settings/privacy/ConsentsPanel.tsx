import { useTranslation } from 'react-i18next';
import { Button } from '../../../components/Button';
import form from '../../../components/form.module.css';
import { Refusal } from '../../../components/Notice';
import { Panel } from '../../../components/Panel';
import { When } from '../../../components/When';
import { useAct, useAsk } from '../../../rest/useRest';
import styles from './privacy.module.css';
import type { ConsentDocument } from './types';

/** What one agreed to; taking it back is one press, like giving it. */
export function ConsentsPanel() {
  const { t } = useTranslation();
  const act = useAct();
  const { data, reload } = useAsk<{ documents: ConsentDocument[] }>('/consents');
  const record = async ({ kind, version }: ConsentDocument, given: boolean) => {
    if ((await act.run((rest) => rest.send('POST', '/consents', { kind, version, given }))) !== undefined) reload();
  };
  return (
    <Panel title={t('privacy.consents')} note={t('privacy.consentsNote')}>
      <ul className={styles.consents}>
        {(data?.documents ?? []).map((document) => (
          <li key={document.kind} className={styles.consent}>
            <h3 className={styles.name}>{document.title}</h3>
            <p className={form.why}>{document.text}</p>
            <div className={form.actions}>
              <Button disabled={act.busy} aria-pressed={document.given} onClick={() => void record(document, !document.given)}>
                {document.given ? t('privacy.withdraw') : t('privacy.agree')}
              </Button>
              <span className={form.help}>
                {document.givenAt === null ? t('privacy.notAgreed') : <When instant={document.givenAt} />}
              </span>
            </div>
          </li>
        ))}
      </ul>
      <Refusal problem={act.problem} />
    </Panel>
  );
}
