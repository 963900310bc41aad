import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { rolesWith } from '../../app/permissions';
import { siteTime } from '../../app/time';
import { useViewer } from '../../app/useViewer';
import { Button } from '../../components/Button';
import { Dialog } from '../../components/Dialog';
import form from '../../components/form.module.css';
import { Refusal } from '../../components/Notice';
import { Popover } from '../../components/Popover';
import { useRoleNames } from '../../components/useRoleNames';
import { useAct, useAsk } from '../../rest/useRest';
import type { Writing } from '../../rest/types';
import styles from './WritingBar.module.css';

const REFETCH_MS = 5_000;
const SCOPES = ['machine', 'site', 'tenant'] as const;
type Scope = (typeof SCOPES)[number];

const scopeOf = (id: string): Scope => (id.startsWith('m_') ? 'machine' : id.startsWith('s_') ? 'site' : 'tenant');

export const useWriting = (machine: string) => useAsk<Writing>(`/machines/${machine}/writing`, REFETCH_MS);

/** Whether this machine may be written to, and the brake: one click, no question. */
export function WritingBar({ machine }: { machine: string }) {
  const { t, i18n } = useTranslation();
  const { may, timeZone } = useViewer();
  const names = useRoleNames();
  const { data, reload } = useWriting(machine);
  const act = useAct();
  const [asking, setAsking] = useState<Scope>();
  if (data === undefined) return null;
  const set = async (scope: Scope, allowed: boolean) => {
    setAsking(undefined);
    await act.run((rest) => rest.send('PUT', `/machines/${machine}/writing`, { scope, allowed }));
    reload();
  };
  const stopped = data.stopped.map(scopeOf);
  const look = stopped.length > 0 ? 'stopped' : data.enabledUntil === null ? 'off' : 'on';
  const rest = SCOPES.filter((scope) => scope !== 'machine' && !stopped.includes(scope));
  return (
    <section className={styles.bar} data-look={look} aria-label={t('writing.title')}>
      <div className={styles.state}>
        <p className={styles.word}>{t(`writing.${look}`)}</p>
        <p>
          {look === 'stopped'
            ? t('writing.stoppedFor', { scopes: new Intl.ListFormat(i18n.language).format(stopped.map((one) => t(`writing.scope.${one}`))) })
            : look === 'off'
              ? t('writing.offTodo')
              : t('writing.until', { at: siteTime(data.enabledUntil ?? '', i18n.language, timeZone) })}
        </p>
      </div>
      <div className={form.actions}>
        {!may('program.stop') ? (
          <p className={form.why}>{t('writing.mayNotStop', { roles: names(rolesWith('program.stop')) })}</p>
        ) : stopped.includes('machine') ? null : (
          <Button tone="stop" disabled={act.busy} onClick={() => void set('machine', false)}>
            {t('writing.stop')}
          </Button>
        )}
        {may('program.stop') && rest.length > 0 ? (
          <Popover className={form.button} button={t('writing.wider')}>
            <div className={styles.wider}>
              {rest.map((scope) => (
                <Button key={scope} tone="stop" disabled={act.busy} onClick={() => void set(scope, false)}>
                  {t('writing.stopFor', { scope: t(`writing.scope.${scope}`) })}
                </Button>
              ))}
            </div>
          </Popover>
        ) : null}
        {stopped.length === 0 ? null : may('program.allow') ? (
          stopped.map((scope) => (
            <Button key={scope} disabled={act.busy} onClick={() => setAsking(scope)}>
              {t('writing.allowFor', { scope: t(`writing.scope.${scope}`) })}
            </Button>
          ))
        ) : (
          <p className={form.why}>{t('writing.mayNotAllow', { roles: names(rolesWith('program.allow')) })}</p>
        )}
      </div>
      <Refusal problem={act.problem} />
      {asking === undefined ? null : (
        <Dialog
          title={t('writing.allowTitle', { scope: t(`writing.scope.${asking}`) })}
          onClose={() => setAsking(undefined)}
          actions={
            <>
              <Button onClick={() => setAsking(undefined)}>{t('writing.keep')}</Button>
              <Button tone="primary" onClick={() => void set(asking, true)}>
                {t('writing.allow')}
              </Button>
            </>
          }
        >
          <p>{t('writing.allowText')}</p>
        </Dialog>
      )}
    </section>
  );
}
