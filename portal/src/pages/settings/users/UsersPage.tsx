import { useTranslation } from 'react-i18next';
import { usePageTitle } from '../../../app/usePageTitle';
import { useViewer } from '../../../app/useViewer';
import { Forbidden } from '../../../components/Forbidden';
import { ProblemNotice, Waiting } from '../../../components/Notice';
import page from '../../../components/page.module.css';
import table from '../../../components/table.module.css';
import { useAsk } from '../../../rest/useRest';

/** Who works here. */
export function Component() {
  const { t } = useTranslation();
  usePageTitle(t('users.title'));
  const { may, userId } = useViewer();
  return (
    <div className={page.page}>
      <header className={page.head}>
        <h1 className={page.title}>{t('users.title')}</h1>
      </header>
      {userId === '' ? (
        <Waiting blocks={1} height="16rem" />
      ) : may('people.read') ? (
        <People />
      ) : (
        <Forbidden what={t('users.forbidden')} permission="people.read" />
      )}
    </div>
  );
}

function People() {
  const { t } = useTranslation();
  const { data, problem, reload } = useAsk<{ people: { id: string; name: string }[] }>('/people');
  if (problem !== undefined && data === undefined) return <ProblemNotice problem={problem} retry={reload} />;
  if (data === undefined) return <Waiting blocks={1} height="16rem" />;
  return (
    <div className={page.card}>
      <table className={table.table}>
        <thead>
          <tr>
            <th scope="col">{t('users.name')}</th>
          </tr>
        </thead>
        <tbody>
          {data.people.map(({ id, name }) => (
            <tr key={id}>
              <th scope="row">{name}</th>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
