import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { useSession } from '../../app/SessionContext';
import { usePageTitle } from '../../app/usePageTitle';
import { useViewer } from '../../app/useViewer';
import { Button } from '../../components/Button';
import { CODE_LENGTH, CodeField } from '../../components/CodeField';
import form from '../../components/form.module.css';
import { Notice, Refusal } from '../../components/Notice';
import page from '../../components/page.module.css';
import { Panel } from '../../components/Panel';
import { useRoleNames } from '../../components/useRoleNames';
import { useAct } from '../../rest/useRest';
import styles from './AccountPage.module.css';
import { QrCode } from './QrCode';
import { inGroups, secretOf } from './secret';

/** Who you are here, and the second factor that a second approval asks for. */
export function Component() {
  const { t } = useTranslation();
  usePageTitle(t('account.title'));
  const session = useSession();
  const names = useRoleNames();
  const { name, tenant, roles } = useViewer();
  return (
    <div className={page.page}>
      <header className={page.head}>
        <h1 className={page.title}>{t('account.title')}</h1>
      </header>
      <Panel title={t('account.you')}>
        <dl className={styles.facts}>
          <dt>{t('account.name')}</dt>
          <dd>{name === '' ? session.email : name}</dd>
          <dt>{t('account.email')}</dt>
          <dd>{session.email}</dd>
          <dt>{t('account.company')}</dt>
          <dd>{tenant}</dd>
          <dt>{t('account.roles')}</dt>
          <dd>{roles.length === 0 ? t('roles.none') : names(roles)}</dd>
        </dl>
      </Panel>
      <SecondFactor />
    </div>
  );
}

type Stage = { at: 'start' } | { at: 'showing'; uri: string } | { at: 'done' };

function SecondFactor() {
  const { t } = useTranslation();
  const act = useAct();
  const [stage, setStage] = useState<Stage>({ at: 'start' });
  const begin = async () => {
    const made = await act.run((rest) => rest.send<{ uri: string }>('POST', '/second-factor', {}));
    if (made !== undefined) setStage({ at: 'showing', uri: made.uri });
  };
  return (
    <Panel title={t('account.factor')} note={t('account.factorNote')}>
      <div className={form.form}>
        {stage.at === 'start' ? (
          <>
            <p className={styles.lead}>{t('account.factorLead')}</p>
            <div className={form.actions}>
              <Button tone="primary" disabled={act.busy} onClick={() => void begin()}>
                {t('account.setUp')}
              </Button>
            </div>
          </>
        ) : null}
        {stage.at === 'showing' ? <Confirm uri={stage.uri} onDone={() => setStage({ at: 'done' })} /> : null}
        {stage.at === 'done' ? (
          <Notice tone="calm" title={t('account.done')}>
            {t('account.doneTodo')}
          </Notice>
        ) : null}
        <Refusal problem={act.problem} />
      </div>
    </Panel>
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
