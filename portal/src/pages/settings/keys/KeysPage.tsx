import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNow } from '../../../app/now';
import { usePageTitle } from '../../../app/usePageTitle';
import { useViewer } from '../../../app/useViewer';
import { Button } from '../../../components/Button';
import { Dialog } from '../../../components/Dialog';
import { Forbidden } from '../../../components/Forbidden';
import { Notice, ProblemNotice, Refusal, Waiting } from '../../../components/Notice';
import page from '../../../components/page.module.css';
import { Panel } from '../../../components/Panel';
import { useAct, useAsk } from '../../../rest/useRest';
import { KeyTable } from './KeyTable';
import styles from './keys.module.css';
import { NewKeyDialog } from './NewKeyDialog';
import { ShownKeyDialog } from './ShownKeyDialog';
import type { ApiKey, Keys, ShownKey, Used } from './types';
import { daysOfUse } from './usage';
import { UsageChart } from './UsageChart';

const DAYS = 30;
const REFRESH_MS = 60_000;

/** The page of developers: keys for programs, and what they use. */
export function Component() {
  const { t } = useTranslation();
  usePageTitle(t('keys.title'));
  const { may, userId } = useViewer();
  if (userId === '') return <Waiting blocks={1} height="16rem" />;
  if (!may('key.manage')) return <Forbidden what={t('keys.forbidden')} permission="key.manage" />;
  return <KeysOfShop />;
}

type Open = { what: 'new' } | { what: 'shown'; made: ShownKey } | { what: 'rotate' | 'revoke'; key: ApiKey };

function KeysOfShop() {
  const { t } = useTranslation();
  const { data, problem, reload } = useAsk<Keys>('/keys', REFRESH_MS);
  const [open, setOpen] = useState<Open>();
  const close = () => setOpen(undefined);
  const show = (made: ShownKey) => {
    setOpen({ what: 'shown', made });
    reload();
  };
  return (
    <div className={page.page}>
      <header className={page.head}>
        <h1 className={page.title}>{t('keys.title')}</h1>
        <Button tone="primary" disabled={data === undefined} onClick={() => setOpen({ what: 'new' })}>
          {t('keys.new')}
        </Button>
      </header>
      {problem !== undefined && data === undefined ? <ProblemNotice problem={problem} retry={reload} /> : null}
      {data === undefined && problem === undefined ? <Waiting blocks={1} height="12rem" /> : null}
      {data?.keys.length === 0 ? <Notice title={t('keys.none')}>{t('keys.noneTodo')}</Notice> : null}
      {data === undefined || data.keys.length === 0 ? null : (
        <div className={page.card}>
          <KeyTable
            keys={data.keys}
            onRotate={(key) => setOpen({ what: 'rotate', key })}
            onRevoke={(key) => setOpen({ what: 'revoke', key })}
          />
        </div>
      )}
      <Usage />
      {open?.what === 'new' && data !== undefined ? <NewKeyDialog scopes={data.scopes} onMade={show} onClose={close} /> : null}
      {open?.what === 'shown' ? <ShownKeyDialog shown={open.made} onClose={close} /> : null}
      {open?.what === 'rotate' ? <Rotate apiKey={open.key} onMade={show} onClose={close} /> : null}
      {open?.what === 'revoke' ? (
        <Revoke
          apiKey={open.key}
          onClose={() => {
            close();
            reload();
          }}
        />
      ) : null}
    </div>
  );
}

function Usage() {
  const { t, i18n } = useTranslation();
  const { may } = useViewer();
  const today = new Date(useNow()).toISOString().slice(0, 10);
  const { data } = useAsk<Used>(may('usage.read') ? '/usage' : null, REFRESH_MS);
  if (data === undefined) return null;
  const whole = new Intl.NumberFormat(i18n.language);
  const { tenant, credential, windowS: seconds } = data.quotas;
  return (
    <Panel title={t('keys.usage')} note={t('keys.quota', { tenant: whole.format(tenant), credential: whole.format(credential), seconds })}>
      <UsageChart days={daysOfUse(data.days, today, DAYS)} />
    </Panel>
  );
}

function Rotate({ apiKey, onMade, onClose }: { apiKey: ApiKey; onMade: (made: ShownKey) => void; onClose: () => void }) {
  const { t } = useTranslation();
  const act = useAct();
  const rotate = async () => {
    const made = await act.run((rest) => rest.send<ShownKey>('POST', `/keys/${apiKey.id}/rotation`, {}));
    if (made !== undefined) onMade(made);
  };
  return (
    <Question
      title={t('keys.rotateNamed', { name: apiKey.name })}
      text={t('keys.rotateText')}
      yes={t('keys.rotate')}
      act={act}
      onYes={() => void rotate()}
      onClose={onClose}
    />
  );
}

function Revoke({ apiKey, onClose }: { apiKey: ApiKey; onClose: () => void }) {
  const { t } = useTranslation();
  const act = useAct();
  const revoke = async () => {
    const ended = await act.run((rest) => rest.send<ApiKey>('DELETE', `/keys/${apiKey.id}`, {}));
    if (ended !== undefined) onClose();
  };
  return (
    <Question
      title={t('keys.revokeNamed', { name: apiKey.name })}
      text={t('keys.revokeText')}
      yes={t('keys.revoke')}
      stop
      act={act}
      onYes={() => void revoke()}
      onClose={onClose}
    />
  );
}

interface QuestionProps {
  title: string;
  text: string;
  yes: string;
  stop?: boolean;
  act: ReturnType<typeof useAct>;
  onYes: () => void;
  onClose: () => void;
}

function Question({ title, text, yes, stop = false, act, onYes, onClose }: QuestionProps) {
  const { t } = useTranslation();
  return (
    <Dialog
      title={title}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t('keys.cancel')}</Button>
          <Button tone={stop ? 'stop' : 'primary'} disabled={act.busy} onClick={onYes}>
            {yes}
          </Button>
        </>
      }
    >
      <p className={styles.lead}>{text}</p>
      <Refusal problem={act.problem} />
    </Dialog>
  );
}
