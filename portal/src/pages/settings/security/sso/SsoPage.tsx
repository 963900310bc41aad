import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { usePageTitle } from '../../../../app/usePageTitle';
import { useViewer } from '../../../../app/useViewer';
import { Button } from '../../../../components/Button';
import { Forbidden } from '../../../../components/Forbidden';
import form from '../../../../components/form.module.css';
import { Notice, ProblemNotice, Refusal, Waiting } from '../../../../components/Notice';
import page from '../../../../components/page.module.css';
import { Panel } from '../../../../components/Panel';
import { useAct, useAsk } from '../../../../rest/useRest';
import { ProviderForm } from './ProviderForm';
import styles from './sso.module.css';
import { Domains, Enforcement, Joining, Trial } from './Steps';
import type { Provider, Providers } from './types';
import { NAMES } from './wish';

/** A company's own sign-in, step by step: nothing is asked of people before it was tried. */
export function Component() {
  const { t } = useTranslation();
  usePageTitle(t('sso.title'));
  const { may, userId } = useViewer();
  if (userId === '') return <Waiting blocks={1} height="16rem" />;
  if (!may('sso.manage')) return <Forbidden what={t('sso.forbidden')} permission="sso.manage" />;
  return <Wizard />;
}

function Wizard() {
  const { t } = useTranslation();
  const { data, problem, reload } = useAsk<Providers>('/sso/providers');
  const [adding, setAdding] = useState(false);
  const saved = () => {
    setAdding(false);
    reload();
  };
  return (
    <div className={page.page}>
      <header className={page.head}>
        <h1 className={page.title}>{t('sso.title')}</h1>
        <Button tone="primary" disabled={data === undefined || adding} onClick={() => setAdding(true)}>
          {t('sso.add')}
        </Button>
      </header>
      <p className={form.why}>{t('sso.lead')}</p>
      {problem !== undefined && data === undefined ? <ProblemNotice problem={problem} retry={reload} /> : null}
      {data === undefined && problem === undefined ? <Waiting blocks={1} height="12rem" /> : null}
      {adding && data !== undefined ? (
        <Panel title={t('sso.new')}>
          <ProviderForm places={data} onSaved={saved} onCancel={() => setAdding(false)} />
        </Panel>
      ) : null}
      {data?.providers.length === 0 && !adding ? <Notice title={t('sso.none')}>{t('sso.noneTodo')}</Notice> : null}
      {data?.providers.map((held) => <ProviderPanel key={held.id} held={held} places={data} onChanged={reload} />)}
    </div>
  );
}

interface ProviderPanelProps {
  held: Provider;
  places: Providers;
  onChanged: () => void;
}

function ProviderPanel({ held, places, onChanged }: ProviderPanelProps) {
  const { t } = useTranslation();
  const act = useAct();
  const [editing, setEditing] = useState(false);
  const remove = async () => {
    if ((await act.run((rest) => rest.send('DELETE', `/sso/providers/${held.id}`, {}))) !== undefined) onChanged();
  };
  const note = held.enforcedAt === null ? t(held.tested ? 'sso.stateTested' : 'sso.stateDraft') : t('sso.stateEnforced');
  const done = () => {
    setEditing(false);
    onChanged();
  };
  return (
    <Panel title={held.name} note={`${NAMES[held.kind]} · ${note}`}>
      {editing ? (
        <ProviderForm places={places} held={held} onSaved={done} onCancel={() => setEditing(false)} />
      ) : (
        <div className={form.actions}>
          <Button disabled={held.enforcedAt !== null} onClick={() => setEditing(true)}>
            {t('sso.edit')}
          </Button>
          <Button disabled={held.enforcedAt !== null || act.busy} onClick={() => void remove()}>
            {t('sso.remove')}
          </Button>
        </div>
      )}
      <Refusal problem={act.problem} />
      <Step title={t('sso.stepDomains')}>
        <Domains held={held} onChanged={onChanged} />
      </Step>
      <Step title={t('sso.stepTrial')}>
        <Trial held={held} onChanged={onChanged} />
      </Step>
      <Step title={t('sso.stepJoining')}>
        <Joining held={held} onChanged={onChanged} />
      </Step>
      <Step title={t('sso.stepEnforce')}>
        <Enforcement held={held} onChanged={onChanged} />
      </Step>
    </Panel>
  );
}

function Step({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={styles.step}>
      <h3>{title}</h3>
      {children}
    </section>
  );
}
