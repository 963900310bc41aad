import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { usePageTitle } from '../../app/usePageTitle';
import { useViewer } from '../../app/useViewer';
import { Button } from '../../components/Button';
import { Forbidden } from '../../components/Forbidden';
import form from '../../components/form.module.css';
import { Notice, ProblemNotice, Refusal, Waiting } from '../../components/Notice';
import page from '../../components/page.module.css';
import table from '../../components/table.module.css';
import { useMachineRow } from '../../components/useMachineRow';
import { When } from '../../components/When';
import { useAct, useAsk } from '../../rest/useRest';
import type { Drift, Program, Snapshot, Version } from '../../rest/types';
import { useWho } from '../../rest/usePeople';
import { WritingBar } from '../changes/WritingBar';
import styles from './ProgramsPage.module.css';

const REFETCH_MS = 8_000;
/** While the control is being read, looks come quicker. */
const EAGER_MS = 2_000;

export function Component() {
  const { id = '' } = useParams();
  const { t } = useTranslation();
  const { may, userId } = useViewer();
  usePageTitle(t('programs.title'));
  if (userId === '') return <Waiting blocks={1} height="16rem" />;
  if (may('program.read')) return <ProgramsPage key={id} id={id} />;
  return (
    <div className={page.page}>
      <h1 className={page.title}>{t('programs.title')}</h1>
      <Forbidden what={t('programs.forbidden')} permission="program.read" />
    </div>
  );
}

/** The library of one machine: every program it holds or held, with its versions. */
function ProgramsPage({ id }: { id: string }) {
  const { t } = useTranslation();
  const machine = useMachineRow(id);
  const backup = useAct();
  const [askedFor, setAskedFor] = useState<string>();
  const [everyMs, setEveryMs] = useState(EAGER_MS);
  const snapshots = useAsk<{ snapshots: Snapshot[] }>(`/machines/${id}/snapshots?first=1`, everyMs);
  const newest = snapshots.data?.snapshots[0];
  const programs = useAsk<{ programs: Program[] }>(`/machines/${id}/programs`, everyMs);
  const reading = askedFor !== undefined && askedFor === (newest?.takenAt ?? '');
  useEffect(() => setEveryMs(reading || newest === undefined ? EAGER_MS : REFETCH_MS), [reading, newest]);
  const { data, problem, reload } = programs;
  return (
    <div className={page.page}>
      <header className={page.head}>
        <div>
          <h1 className={page.title}>{t('programs.title')}</h1>
          <Link to={`/machines/${id}`} className={table.link}>
            {machine?.name ?? id}
          </Link>
        </div>
        <div className={form.actions}>
          <Button
            disabled={backup.busy}
            onClick={() =>
              void backup
                .run((rest) => rest.send('POST', `/machines/${id}/snapshots`, {}))
                .then((done) => setAskedFor(done === undefined ? undefined : (newest?.takenAt ?? '')))
            }
          >
            {t('programs.backUp')}
          </Button>
          <Link to={`/changes/new?machine=${id}`} className={`${form.button} ${form.primary}`}>
            {t('changes.new')}
          </Link>
        </div>
      </header>
      <Refusal problem={backup.problem} />
      <WritingBar machine={id} />
      <p className={styles.backup} aria-live="polite">
        {reading ? <strong>{t('programs.backingUp')} </strong> : null}
        {newest === undefined ? (
          t('programs.neverBackedUp')
        ) : (
          <>
            {t('programs.backedUp', { count: newest.programs })} <When instant={newest.takenAt} />
          </>
        )}
      </p>
      <DriftBanner machine={id} />
      {problem !== undefined && data === undefined ? <ProblemNotice problem={problem} retry={reload} /> : null}
      {data === undefined && problem === undefined ? <Waiting blocks={1} height="16rem" /> : null}
      {data?.programs.length === 0 ? <Notice title={t('programs.none')}>{t('programs.noneTodo')}</Notice> : null}
      {data === undefined || data.programs.length === 0 ? null : <Library programs={data.programs} />}
    </div>
  );
}

function DriftBanner({ machine }: { machine: string }) {
  const { t } = useTranslation();
  const { data } = useAsk<Drift>(`/machines/${machine}/drift`, REFETCH_MS);
  const act = useAct();
  if (data === undefined || data.found.length === 0) return null;
  return (
    <section className={styles.drift} aria-label={t('programs.drift')}>
      <h2>{t('programs.drift')}</h2>
      <p>{t('programs.driftTodo')}</p>
      <ul>
        {data.found.map(({ kind, name, before, after }) => {
          const how = before === '' ? 'came' : after === '' ? 'went' : 'changed';
          return (
            <li key={`${kind} ${name}`}>
              {t(`programs.drifted.${how}`, { what: kind === 'program' ? name : t(`programs.table.${kind}`, kind) })}
            </li>
          );
        })}
      </ul>
      {data.until === null ? null : <When className={styles.when} instant={data.until} />}
      <div className={form.actions}>
        <Button
          disabled={act.busy}
          onClick={() => void act.run((rest) => rest.send('POST', `/machines/${machine}/drift/acknowledgement`, {}))}
        >
          {t('programs.driftKnown')}
        </Button>
      </div>
      <Refusal problem={act.problem} />
    </section>
  );
}

function Library({ programs }: { programs: readonly Program[] }) {
  const { t } = useTranslation();
  return (
    <ul className={styles.library}>
      {programs.map((program) => (
        <li key={program.name} className={styles.program}>
          <h2 className={styles.name}>
            {shortName(program.name)}
            <span className={styles.folder}>{program.name.slice(0, -shortName(program.name).length)}</span>
            <span className={styles.presence} data-present={program.present}>
              {program.present ? t('programs.present') : t('programs.absent')}
            </span>
          </h2>
          <Versions versions={program.versions} />
        </li>
      ))}
    </ul>
  );
}

export const shortName = (name: string): string => name.slice(name.lastIndexOf('/') + 1);

function Versions({ versions }: { versions: readonly Version[] }) {
  const { t, i18n } = useTranslation();
  const who = useWho();
  const number = new Intl.NumberFormat(i18n.language);
  return (
    <table className={table.table}>
      <thead>
        <tr>
          <th scope="col">{t('programs.version')}</th>
          <th scope="col">{t('programs.taken')}</th>
          <th scope="col" className={table.minor}>{t('programs.by')}</th>
          <th scope="col" className={`${table.number} ${table.minor}`}>{t('programs.size')}</th>
          <th scope="col">
            <span className="visually-hidden">{t('programs.compare')}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {versions.map((version, index) => {
          const before = versions[index + 1];
          return (
            <tr key={version.id}>
              <th scope="row">
                <Link to={`/programs/${version.id}`} className={`${table.link} ${styles.version}`}>
                  {t(`programs.origin.${version.origin}`)}
                  <code>{version.sha256.slice(0, 8)}</code>
                </Link>
              </th>
              <td>
                <When instant={version.takenAt} />
              </td>
              <td className={table.minor}>
                {version.author === '' ? t('who.gateway') : who(version.author)}
                {version.comment === '' ? null : <span className={styles.comment}>{version.comment}</span>}
              </td>
              <td className={`${table.number} ${table.minor}`}>{t('programs.bytes', { size: number.format(version.size) })}</td>
              <td className={table.number}>
                {before === undefined ? null : (
                  <Link to={`/programs/${version.id}/diff/${before.id}`} className={table.link}>
                    {t('programs.compare')}
                  </Link>
                )}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

