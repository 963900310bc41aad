import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { usePageTitle } from '../../app/usePageTitle';
import { useViewer } from '../../app/useViewer';
import { Forbidden } from '../../components/Forbidden';
import form from '../../components/form.module.css';
import { Notice, ProblemNotice, Waiting } from '../../components/Notice';
import page from '../../components/page.module.css';
import { Segmented } from '../../components/Segmented';
import table from '../../components/table.module.css';
import { Ago } from '../../components/Times';
import { useMachineRows } from '../../components/useMachineRow';
import { useAsk } from '../../rest/useRest';
import { useWho } from '../../rest/usePeople';
import type { Change } from '../../rest/types';
import { ChangeBadge } from './ChangeBadge';
import styles from './ChangesPage.module.css';
import { possible } from './gate';
import { useTarget } from './useTarget';

const REFETCH_MS = 10_000;
type Filter = 'open' | 'all';

/** Every wish to write to a control, and where it stands. */
export function Component() {
  const { t } = useTranslation();
  usePageTitle(t('changes.title'));
  const { may, userId } = useViewer();
  const [filter, setFilter] = useState<Filter>('open');
  const reads = may('program.read');
  const { data, problem, reload } = useAsk<{ changes: Change[] }>(
    reads ? `/changes${filter === 'open' ? '?open=true' : ''}` : null,
    REFETCH_MS,
  );
  const options = (['open', 'all'] as const).map((value) => ({ value, label: t(`changes.filter.${value}`) }));
  return (
    <div className={page.page}>
      <header className={page.head}>
        <h1 className={page.title}>{t('changes.title')}</h1>
        <div className={form.actions}>
          <Segmented label={t('changes.which')} value={filter} options={options} onChange={setFilter} />
          {may('program.draft') ? (
            <Link to="/changes/new" className={`${form.button} ${form.primary}`}>
              {t('changes.new')}
            </Link>
          ) : null}
        </div>
      </header>
      {userId !== '' && !reads ? <Forbidden what={t('programs.forbidden')} permission="program.read" /> : null}
      {problem !== undefined && data === undefined ? <ProblemNotice problem={problem} retry={reload} /> : null}
      {data === undefined && problem === undefined && (reads || userId === '') ? <Waiting blocks={1} height="14rem" /> : null}
      {data?.changes.length === 0 ? (
        <Notice tone="calm" title={t(`changes.none.${filter}`)}>
          {t('changes.noneTodo')}
        </Notice>
      ) : null}
      {data === undefined || data.changes.length === 0 ? null : <ChangeTable changes={data.changes} />}
    </div>
  );
}

function ChangeTable({ changes }: { changes: readonly Change[] }) {
  const { t } = useTranslation();
  const { userId, may, timeZone } = useViewer();
  const machines = new Map(useMachineRows().map(({ id, name }) => [id, name]));
  const who = useWho();
  const target = useTarget();
  return (
    <div className={page.card}>
      <table className={table.table}>
        <thead>
          <tr>
            <th scope="col">{t('changes.what')}</th>
            <th scope="col">{t('changes.stands')}</th>
            <th scope="col" className={table.minor}>{t('machines.name')}</th>
            <th scope="col" className={table.minor}>{t('changes.author')}</th>
            <th scope="col" className={`${table.number} ${table.minor}`}>{t('changes.drafted')}</th>
          </tr>
        </thead>
        <tbody>
          {changes.map((change) => {
            const next = possible(change, { id: userId, may }, Date.now(), false).find(({ act }) => act !== 'withdraw');
            return (
              <tr key={change.id}>
                <th scope="row">
                  <Link to={`/changes/${change.id}`} className={table.link}>
                    {target(change)}
                  </Link>
                </th>
                <td>
                  <ChangeBadge state={change.state} />
                  {next?.why === null ? <span className={styles.turn}>{t('changes.yourTurn')}</span> : null}
                </td>
                <td className={table.minor}>{machines.get(change.machineId) ?? change.machineId}</td>
                <td className={table.minor}>{who(change.author)}</td>
                <td className={`${table.number} ${table.minor}`}>
                  <Ago instant={change.createdAt} timeZone={timeZone} />
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
