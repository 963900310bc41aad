/** The three answers that are not data: nothing there, something failed, not here yet. */
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { CombinedError } from '@urql/core';
import { problemOf, type Problem } from '../gql/problems';
import styles from './Notice.module.css';

interface NoticeProps {
  title: string;
  children?: ReactNode;
  action?: ReactNode;
  tone?: 'plain' | 'bad' | 'calm';
}

const MARKS = {
  bad: 'M12 3 2.500 20h19zM12 9.500v5M12 17.300v.200',
  calm: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM8 12.300l2.800 2.800L16 9.500',
  plain: 'M4 7.500 12 3l8 4.500v9L12 21l-8-4.500zM4 7.500l8 4.500 8-4.500M12 12v9',
} as const;

export function Notice({ title, children, action, tone = 'plain' }: NoticeProps) {
  return (
    <div className={styles.notice} data-tone={tone} role={tone === 'bad' ? 'alert' : undefined}>
      <svg className={styles.mark} viewBox="0 0 24 24" aria-hidden="true">
        <path d={MARKS[tone]} />
      </svg>
      <p className={styles.title}>{title}</p>
      {children === undefined ? null : <div className={styles.text}>{children}</div>}
      {action}
    </div>
  );
}

/** What happened, what to do, and the id that finds it in the logs. */
export function Failure({ error, retry }: { error: CombinedError; retry: () => void }) {
  return <ProblemNotice problem={problemOf(error)} retry={retry} />;
}

export function ProblemNotice({ problem, retry }: { problem: Problem; retry: () => void }) {
  const { t } = useTranslation();
  const offline = problem.code === 'network.unreachable';
  return (
    <Notice
      tone="bad"
      title={offline ? t('problem.network') : t('problem.api')}
      action={
        <button type="button" className={styles.retry} onClick={retry}>
          {t('problem.retry')}
        </button>
      }
    >
      <ProblemText problem={problem} />
    </Notice>
  );
}

/** An action that was refused, told beside its button. */
export function Refusal({ problem }: { problem: Problem | undefined }) {
  if (problem === undefined) return null;
  return (
    <div className={styles.refusal} role="alert">
      <ProblemText problem={problem} />
    </div>
  );
}

function ProblemText({ problem }: { problem: Problem }) {
  const { t } = useTranslation();
  if (problem.code === 'network.unreachable') return <p>{t('problem.networkTodo')}</p>;
  const { code, message, seen = '', expected = '', todo, requestId } = problem;
  return (
    <>
      <p>{message}</p>
      {seen === '' ? null : <p>{t('problem.seen', { seen })}</p>}
      {expected === '' ? null : <p>{t('problem.expected', { expected })}</p>}
      {todo === '' ? null : <p>{todo}</p>}
      <p className={styles.id}>{requestId === '' ? t('problem.code', { code }) : t('problem.id', { code, id: requestId })}</p>
    </>
  );
}

/** Grey blocks in the shape of what is coming. */
export function Waiting({ blocks, height }: { blocks: number; height: string }) {
  const { t } = useTranslation();
  return (
    <div className={styles.waiting} data-single={blocks === 1} role="status" aria-label={t('loading')}>
      {Array.from({ length: blocks }, (_, index) => (
        <div key={index} className={styles.block} style={{ blockSize: height }} />
      ))}
    </div>
  );
}
