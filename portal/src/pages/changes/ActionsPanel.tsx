import { useState, type FormEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useNow } from '../../app/now';
import { useViewer } from '../../app/useViewer';
import { Button } from '../../components/Button';
import { CODE_LENGTH, CodeField } from '../../components/CodeField';
import { Dialog } from '../../components/Dialog';
import { TextField } from '../../components/Field';
import form from '../../components/form.module.css';
import { Refusal } from '../../components/Notice';
import { Panel } from '../../components/Panel';
import table from '../../components/table.module.css';
import { useRoleNames } from '../../components/useRoleNames';
import { useAct } from '../../rest/useRest';
import type { Change } from '../../rest/types';
import styles from './ActionsPanel.module.css';
import { orderSecondsLeft, possible, type Act, type Possible, type Why } from './gate';
import { useWriting } from './WritingBar';

const PATHS: Readonly<Record<Act, string>> = {
  readDryRun: 'dry-run',
  approve: 'approvals',
  order: 'order',
  withdraw: 'withdrawal',
};

/** What this person can do next; what they cannot, with the reason. */
export function ActionsPanel({ change, reload }: { change: Change; reload: () => void }) {
  const { t } = useTranslation();
  const { userId, may } = useViewer();
  const writing = useWriting(change.machineId).data;
  const act = useAct();
  const now = useNow();
  if (userId === '') return null;
  const take = async (step: Act, body: object = {}) => {
    await act.run((rest) => rest.send('POST', `/changes/${change.id}/${PATHS[step]}`, body));
    reload();
  };
  const found = possible(change, { id: userId, may }, now, (writing?.stopped.length ?? 0) > 0);
  const off = writing !== undefined && writing.enabledUntil === null;
  if (change.state === 'ordered' && change.orderedAt !== null) return <Countdown orderedAt={change.orderedAt} now={now} />;
  if (found.length === 0) return null;
  return (
    <Panel title={t('changes.next')}>
      <div className={form.form}>
        {found.map((one) => (
          <ActRow key={one.act} one={one} busy={act.busy} take={take}>
            {one.act === 'order' && off ? <p className={styles.warn}>{t('changes.switchOff')}</p> : null}
          </ActRow>
        ))}
        <Refusal problem={act.problem} />
        {act.problem?.code === 'change.second_factor' ? (
          <Link to="/account" className={table.link}>
            {t('changes.toAccount')}
          </Link>
        ) : null}
      </div>
    </Panel>
  );
}

interface ActRowProps {
  one: Possible;
  busy: boolean;
  take: (act: Act, body?: object) => Promise<void>;
  children: ReactNode;
}

function ActRow({ one, busy, take, children }: ActRowProps) {
  const { t } = useTranslation();
  const reason = useWhy();
  if (one.why !== null) {
    return (
      <div className={styles.row}>
        <Button disabled>{t(`changes.act.${one.act}`)}</Button>
        <p className={form.why}>{reason(one.why)}</p>
      </div>
    );
  }
  if (one.code) return <SecondApproval busy={busy} take={take} />;
  if (one.act === 'withdraw') return <Withdrawal busy={busy} take={take} />;
  return (
    <div className={styles.row}>
      <Button tone="primary" disabled={busy} onClick={() => void take(one.act)}>
        {t(`changes.act.${one.act}`)}
      </Button>
      <p className={form.why}>{t(`changes.means.${one.act}`)}</p>
      {children}
    </div>
  );
}

function useWhy(): (why: Why) => string {
  const { t } = useTranslation();
  const names = useRoleNames();
  const { roles } = useViewer();
  return (why) =>
    why.key === 'role'
      ? t('changes.why.role', { roles: names(why.roles), own: roles.length === 0 ? t('roles.none') : names(roles) })
      : t(`changes.why.${why.key}`);
}

/** Another person, with the code of the moment. */
function SecondApproval({ busy, take }: Pick<ActRowProps, 'busy' | 'take'>) {
  const { t } = useTranslation();
  const [code, setCode] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void take('approve', { code }).then(() => setCode(''));
  };
  return (
    <form className={form.form} onSubmit={submit}>
      <CodeField help={t('changes.codeHelp')} value={code} onChange={setCode} />
      <div className={styles.row}>
        <Button type="submit" tone="primary" disabled={busy || code.length !== CODE_LENGTH}>
          {t('changes.act.approveSecond')}
        </Button>
        <p className={form.why}>{t('changes.means.approveSecond')}</p>
      </div>
    </form>
  );
}

function Withdrawal({ busy, take }: Pick<ActRowProps, 'busy' | 'take'>) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const [reason, setReason] = useState('');
  return (
    <div className={styles.row}>
      <Button disabled={busy} onClick={() => setOpen(true)}>
        {t('changes.act.withdraw')}
      </Button>
      <p className={form.why}>{t('changes.means.withdraw')}</p>
      {open ? (
        <Dialog
          title={t('changes.act.withdraw')}
          onClose={() => setOpen(false)}
          actions={
            <>
              <Button onClick={() => setOpen(false)}>{t('changes.keep')}</Button>
              <Button
                tone="primary"
                disabled={reason.trim() === ''}
                onClick={() => void take('withdraw', { reason: reason.trim() }).then(() => setOpen(false))}
              >
                {t('changes.act.withdraw')}
              </Button>
            </>
          }
        >
          <TextField label={t('changes.reason')} value={reason} onChange={setReason} required maxLength={500} />
        </Dialog>
      ) : null}
    </div>
  );
}

function Countdown({ orderedAt, now }: { orderedAt: string; now: number }) {
  const { t } = useTranslation();
  const left = orderSecondsLeft(orderedAt, now);
  return (
    <Panel title={t('changes.underWay')}>
      <p className={styles.count} role="timer">
        {t('time.seconds', { s: left })}
      </p>
      <p className={form.why}>{left > 0 ? t('changes.counting') : t('changes.lateAnswer')}</p>
    </Panel>
  );
}
