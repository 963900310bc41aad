import { useCallback, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSession } from '../../app/SessionContext';
import { usePageTitle } from '../../app/usePageTitle';
import { Button } from '../../components/Button';
import form from '../../components/form.module.css';
import { Logo } from '../../components/Logo';
import { Notice, ProblemNotice, Waiting } from '../../components/Notice';
import { useAsk } from '../../rest/useRest';
import { SetUp } from '../account/SetUp';
import { Recovery } from '../account/Recovery';
import styles from './FactorPage.module.css';
import { ShowFactor } from './ShowFactor';
import type { CurrentSession } from '../../rest/sessions';

/** Right after the password: the second factor of this session, or setting one up where the company asks for it. */
export default function FactorPage({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation();
  const session = useSession();
  usePageTitle(t('factor.title'));
  const { data, problem, reload } = useAsk<CurrentSession>('/sessions/current');
  return (
    <main className={styles.page}>
      <div className={styles.card}>
        <p className={styles.brand}>
          <Logo size={32} />
          {t('product')}
        </p>
        <h1 className={styles.title}>{t('factor.title')}</h1>
        {problem === undefined ? null : <ProblemNotice problem={problem} retry={reload} />}
        {data === undefined && problem === undefined ? <Waiting blocks={1} height="9rem" /> : null}
        {data === undefined ? null : <Asked current={data} onDone={onDone} />}
        <div className={form.actions}>
          <Button onClick={() => void session.signOut()}>{t('bar.signOut')}</Button>
        </div>
      </div>
    </main>
  );
}

function Asked({ current, onDone }: { current: CurrentSession; onDone: () => void }) {
  const { t } = useTranslation();
  const [made, setMade] = useState(false);
  const confirmed = useCallback(() => setMade(true), []);
  if (current.factor.enrolled) return <ShowFactor phone={current.factor.phone} onShown={onDone} />;
  if (made) return <Recovery onKept={onDone} />;
  return (
    <>
      <Notice title={t('factor.required')}>{t('factor.requiredTodo')}</Notice>
      <SetUp onDone={confirmed} />
    </>
  );
}
