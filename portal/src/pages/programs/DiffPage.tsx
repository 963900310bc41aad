import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { usePageTitle } from '../../app/usePageTitle';
import { ProblemNotice, Waiting } from '../../components/Notice';
import page from '../../components/page.module.css';
import { Panel } from '../../components/Panel';
import table from '../../components/table.module.css';
import { When } from '../../components/When';
import { useAsk } from '../../rest/useRest';
import type { Difference, Version, VersionText } from '../../rest/types';
import styles from './DiffPage.module.css';
import { DifferenceView } from './DifferenceView';
import { diffLines, hunksOf, type DiffLine } from './lines';
import { shortName } from './ProgramsPage';

export function Component() {
  const { id = '', other = '' } = useParams();
  return <DiffPage key={`${id} ${other}`} id={id} since={other} />;
}

/** Two versions: first what a control would do differently, then every letter. */
function DiffPage({ id, since }: { id: string; since: string }) {
  const { t } = useTranslation();
  const after = useAsk<VersionText>(`/programs/${id}`);
  const before = useAsk<VersionText>(`/programs/${since}`);
  const meaning = useAsk<Difference>(`/programs/${id}/diff?since=${since}`);
  const name = shortName(after.data?.name ?? '');
  usePageTitle(t('diff.title', { name }));
  const problem = after.problem ?? before.problem;
  const reload = () => {
    after.reload();
    before.reload();
  };
  return (
    <div className={page.page}>
      <header className={page.head}>
        <h1 className={page.title}>{t('diff.title', { name })}</h1>
      </header>
      {problem === undefined ? null : <ProblemNotice problem={problem} retry={reload} />}
      {before.data === undefined || after.data === undefined ? null : (
        <p className={styles.sides}>
          <Side label={t('diff.from')} version={before.data} />
          <Side label={t('diff.to')} version={after.data} />
        </p>
      )}
      <Panel title={t('diff.meaning')}>
        {meaning.problem === undefined ? null : <ProblemNotice problem={meaning.problem} retry={meaning.reload} />}
        {meaning.data === undefined && meaning.problem === undefined ? <Waiting blocks={1} height="8rem" /> : null}
        {meaning.data === undefined ? null : <DifferenceView difference={meaning.data} />}
      </Panel>
      <Panel title={t('diff.text')} flush>
        {before.data === undefined || after.data === undefined ? (
          problem === undefined ? <Waiting blocks={1} height="12rem" /> : null
        ) : (
          <Text before={before.data.text} after={after.data.text} />
        )}
      </Panel>
    </div>
  );
}

function Side({ label, version }: { label: string; version: Version }) {
  const { t } = useTranslation();
  return (
    <span>
      {label}{' '}
      <Link to={`/programs/${version.id}`} className={table.link}>
        {t(`programs.origin.${version.origin}`)} <code>{version.sha256.slice(0, 8)}</code>
      </Link>{' '}
      <When instant={version.takenAt} />
    </span>
  );
}

function Text({ before, after }: { before: string; after: string }) {
  const { t } = useTranslation();
  const { hunks, rest } = useMemo(() => hunksOf(diffLines(before.split('\n'), after.split('\n'))), [before, after]);
  if (hunks.length === 0) return <p className={styles.equal}>{t('diff.sameText')}</p>;
  return (
    <div className={styles.text} tabIndex={0} role="region" aria-label={t('diff.lines')}>
      {hunks.map(({ lines, skipped }, index) => (
        <div key={index}>
          {skipped === 0 ? null : <p className={styles.skipped}>{t('diff.skipped', { count: skipped })}</p>}
          {lines.map((line, at) => (
            <Line key={at} line={line} />
          ))}
        </div>
      ))}
      {rest <= 0 ? null : <p className={styles.skipped}>{t('diff.skipped', { count: rest })}</p>}
    </div>
  );
}

const SIGNS = { same: ' ', removed: '−', added: '+' } as const;

function Line({ line: { kind, text, oldLine, newLine } }: { line: DiffLine }) {
  const { t } = useTranslation();
  return (
    <p className={styles.line} data-kind={kind}>
      <span className={styles.number}>{oldLine}</span>
      <span className={styles.number}>{newLine}</span>
      {kind === 'same' ? null : <span className="visually-hidden">{t(`diff.kind.${kind}`)}</span>}
      <span aria-hidden="true">{SIGNS[kind]}</span>
      <span className={styles.code}>{text}</span>
    </p>
  );
}
