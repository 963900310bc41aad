import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { usePageTitle } from '../../app/usePageTitle';
import { ProblemNotice, Waiting } from '../../components/Notice';
import page from '../../components/page.module.css';
import { Panel } from '../../components/Panel';
import table from '../../components/table.module.css';
import { useMachineRow } from '../../components/useMachineRow';
import { useAsk } from '../../rest/useRest';
import type { Change, DryRun, ProgramReport } from '../../rest/types';
import { DifferenceView } from '../programs/DifferenceView';
import { FindingsList } from '../programs/FindingsList';
import { ReportView } from '../programs/ReportView';
import { ActionsPanel } from './ActionsPanel';
import { ChangeBadge } from './ChangeBadge';
import styles from './ChangePage.module.css';
import { OutcomePanel } from './OutcomePanel';
import { StepsPanel } from './StepsPanel';
import { useTarget } from './useTarget';
import { WritingBar } from './WritingBar';

/** Others act on it too; an order that is under way ends within a minute. */
const REFETCH_MS = 10_000;
const UNDER_WAY_MS = 1_500;

export function Component() {
  const { id = '' } = useParams();
  return <ChangePage key={id} id={id} />;
}

/** One change on its way through the gate. */
function ChangePage({ id }: { id: string }) {
  const { t } = useTranslation();
  const [everyMs, setEveryMs] = useState(REFETCH_MS);
  const { data: change, problem, reload } = useAsk<Change>(`/changes/${id}`, everyMs);
  const underWay = change?.state === 'ordered';
  useEffect(() => setEveryMs(underWay ? UNDER_WAY_MS : REFETCH_MS), [underWay]);
  const target = useTarget();
  usePageTitle(change === undefined ? t('changes.title') : target(change));
  if (change === undefined) {
    return (
      <>
        <h1 className="visually-hidden">{t('changes.title')}</h1>
        {problem === undefined ? <Waiting blocks={2} height="14rem" /> : <ProblemNotice problem={problem} retry={reload} />}
      </>
    );
  }
  return (
    <div className={page.page}>
      <Head change={change} />
      <WritingBar machine={change.machineId} />
      <div className={styles.columns}>
        <div className={styles.column}>
          <StepsPanel change={change} />
          <ActionsPanel change={change} reload={reload} />
          <OutcomePanel change={change} />
        </div>
        <div className={styles.column}>
          <Content change={change} />
        </div>
      </div>
    </div>
  );
}

function Head({ change }: { change: Change }) {
  const { t } = useTranslation();
  const machine = useMachineRow(change.machineId);
  const target = useTarget();
  return (
    <header className={page.head}>
      <div className={styles.who}>
        <h1 className={page.title}>{target(change)}</h1>
        <p>
          <Link to={`/machines/${change.machineId}/programs`} className={table.link}>
            {machine?.name ?? change.machineId}
          </Link>
        </p>
        <p className={styles.reason}>{t('changes.because', { reason: change.reason })}</p>
      </div>
      <ChangeBadge state={change.state} />
    </header>
  );
}

function Content({ change }: { change: Change }) {
  const { t } = useTranslation();
  if (change.operation !== 'program') return <ValuePanel change={change} />;
  const report = change.dryRun;
  if (report === null || !isWhole(report)) {
    return (
      <Panel title={t('programs.findings')}>
        <FindingsList findings={change.findings} />
      </Panel>
    );
  }
  return (
    <>
      <Panel title={t('changes.differs')}>
        {report.difference === undefined ? <p>{t('changes.newProgram')}</p> : <DifferenceView difference={report.difference} />}
      </Panel>
      <Panel title={t('changes.dryRun')}>
        <ReportView report={report} />
      </Panel>
    </>
  );
}

const isWhole = (report: DryRun): report is DryRun & ProgramReport =>
  report.findings !== undefined && report.time !== undefined && report.tools !== undefined && report.reach !== undefined;

function ValuePanel({ change }: { change: Change }) {
  const { t } = useTranslation();
  return (
    <Panel title={t('changes.value')}>
      <dl className={styles.facts}>
        {Object.entries(change.target).map(([name, value]) => (
          <div key={name}>
            <dt>{t(`changes.field.${name}`, name)}</dt>
            <dd>{name === 'kind' ? t(`changes.offset.${value}`, String(value)) : value}</dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}
