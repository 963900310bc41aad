import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate, useParams } from 'react-router';
import { usePageTitle } from '../../app/usePageTitle';
import form from '../../components/form.module.css';
import { ProblemNotice, Waiting } from '../../components/Notice';
import page from '../../components/page.module.css';
import { Panel } from '../../components/Panel';
import table from '../../components/table.module.css';
import { useMachineRow } from '../../components/useMachineRow';
import { When } from '../../components/When';
import { useAsk } from '../../rest/useRest';
import { useWho } from '../../rest/usePeople';
import type { GcodeFinding, Program, ProgramReport, Version, VersionText } from '../../rest/types';
import { CodeView } from './CodeView';
import { shortName } from './ProgramsPage';
import { ReportView } from './ReportView';
import { ToolpathPanel } from './ToolpathPanel';
import { useToolpath } from './useToolpath';
import styles from './VersionPage.module.css';

export function Component() {
  const { id = '' } = useParams();
  return <VersionPage key={id} id={id} />;
}

/** One version of a program: its text, what it does, and where the tool goes. */
function VersionPage({ id }: { id: string }) {
  const { t } = useTranslation();
  const { data: version, problem, reload } = useAsk<VersionText>(`/programs/${id}`);
  usePageTitle(version === undefined ? t('programs.title') : shortName(version.name));
  if (version === undefined) {
    return (
      <>
        <h1 className="visually-hidden">{t('programs.title')}</h1>
        {problem === undefined ? <Waiting blocks={2} height="18rem" /> : <ProblemNotice problem={problem} retry={reload} />}
      </>
    );
  }
  return <Shown version={version} />;
}

const SEVERITIES: readonly GcodeFinding['severity'][] = ['note', 'unknown', 'warning', 'error'];

/** Of each line its worst remark. */
export function remarksOf(findings: readonly GcodeFinding[]): ReadonlyMap<number, string> {
  return new Map(
    findings
      .toSorted((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity))
      .map(({ line, severity }) => [line, severity]),
  );
}

function Shown({ version }: { version: VersionText }) {
  const { t } = useTranslation();
  const [marked, setMarked] = useState<number | null>(null);
  const report = useAsk<ProgramReport>(`/programs/${version.id}/report`);
  const toolpath = useToolpath(version.id);
  const lines = useMemo(() => version.text.replace(/\n$/, '').split('\n'), [version.text]);
  const remarks = useMemo(() => remarksOf(report.data?.findings ?? []), [report.data]);
  return (
    <div className={page.page}>
      <Head version={version} />
      <div className={styles.columns}>
        <Panel title={t('programs.text')} note={t('programs.lines', { count: lines.length })} flush>
          <CodeView lines={lines} marked={marked} remarks={remarks} onMark={setMarked} />
        </Panel>
        <ToolpathPanel {...toolpath} marked={marked} onMark={setMarked} />
      </div>
      <Panel title={t('programs.report')}>
        {report.problem === undefined ? null : <ProblemNotice problem={report.problem} retry={report.reload} />}
        {report.data === undefined && report.problem === undefined ? <Waiting blocks={1} height="10rem" /> : null}
        {report.data === undefined ? null : <ReportView report={report.data} onMark={setMarked} />}
      </Panel>
    </div>
  );
}

function Head({ version }: { version: Version }) {
  const { t } = useTranslation();
  const who = useWho();
  const machine = useMachineRow(version.machineId);
  return (
    <header className={page.head}>
      <div>
        <h1 className={page.title}>{shortName(version.name)}</h1>
        <p className={styles.facts}>
          <Link to={`/machines/${version.machineId}/programs`} className={table.link}>
            {machine?.name ?? version.machineId}
          </Link>
          <span>{t(`programs.origin.${version.origin}`)}</span>
          <span>{version.author === '' ? t('who.gateway') : who(version.author)}</span>
          <When instant={version.takenAt} />
        </p>
        {version.comment === '' ? null : <p className={styles.comment}>{version.comment}</p>}
      </div>
      <div className={form.actions}>
        <Compare version={version} />
        <Link to={`/changes/new?machine=${version.machineId}&from=${version.id}`} className={`${form.button} ${form.primary}`}>
          {t('programs.edit')}
        </Link>
      </div>
    </header>
  );
}

function Compare({ version }: { version: Version }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { data } = useAsk<{ programs: Program[] }>(`/machines/${version.machineId}/programs`);
  const others = data?.programs.find(({ name }) => name === version.name)?.versions.filter(({ id }) => id !== version.id);
  if (others === undefined || others.length === 0) return null;
  return (
    <label>
      <span className="visually-hidden">{t('programs.compareWith')}</span>
      <select
        className={form.input}
        value=""
        onChange={(event) => void navigate(`/programs/${version.id}/diff/${event.target.value}`)}
      >
        <option value="" disabled>
          {t('programs.compareWith')}
        </option>
        {others.map((other) => (
          <option key={other.id} value={other.id}>
            {t('programs.versionOption', {
              origin: t(`programs.origin.${other.origin}`),
              digest: other.sha256.slice(0, 8),
              at: other.takenAt.slice(0, 16).replace('T', ' '),
            })}
          </option>
        ))}
      </select>
    </label>
  );
}
