import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { usePageTitle } from '../../../app/usePageTitle';
import { useViewer } from '../../../app/useViewer';
import { Button } from '../../../components/Button';
import { Forbidden } from '../../../components/Forbidden';
import { ProblemNotice, Waiting } from '../../../components/Notice';
import page from '../../../components/page.module.css';
import { Panel } from '../../../components/Panel';
import type { Company, Invitation, Person } from '../../../rest/people';
import { useAsk } from '../../../rest/useRest';
import { InvitationTable } from './InvitationTable';
import { InviteDialog } from './InviteDialog';
import { PeopleTable } from './PeopleTable';
import styles from './users.module.css';

/** Who works here, as what and where; who is invited; and how that changes. */
export function Component() {
  const { t } = useTranslation();
  usePageTitle(t('users.title'));
  const { may, userId } = useViewer();
  if (userId === '') return <Waiting blocks={1} height="16rem" />;
  if (may('people.read')) return <Users />;
  return (
    <div className={page.page}>
      <h1 className={page.title}>{t('users.title')}</h1>
      <Forbidden what={t('users.forbidden')} permission="people.read" />
    </div>
  );
}

function Users() {
  const { t } = useTranslation();
  const { may } = useViewer();
  const company = useAsk<Company>('/tenant');
  const people = useAsk<{ people: Person[] }>('/people');
  const open = useAsk<{ invitations: Invitation[] }>('/invitations');
  const [inviting, setInviting] = useState(false);
  const problem = company.problem ?? people.problem ?? open.problem;
  const reload = () => {
    people.reload();
    open.reload();
  };
  const sites = company.data?.sites;
  const ready = sites !== undefined && people.data !== undefined && open.data !== undefined;
  return (
    <div className={page.page}>
      <header className={page.head}>
        <h1 className={page.title}>{t('users.title')}</h1>
        {may('people.invite') ? (
          <Button tone="primary" disabled={sites === undefined} onClick={() => setInviting(true)}>
            {t('users.invite')}
          </Button>
        ) : null}
      </header>
      {problem !== undefined && !ready ? <ProblemNotice problem={problem} retry={reload} /> : null}
      {!ready && problem === undefined ? <Waiting blocks={1} height="16rem" /> : null}
      {ready ? (
        <>
          <PeopleTable people={people.data?.people ?? []} sites={sites} onChanged={reload} />
          <Panel title={t('users.invitations')} note={t('users.invitationsNote')} flush>
            {open.data?.invitations.length === 0 ? (
              <p className={styles.empty}>
                {t('users.noInvitations')}
              </p>
            ) : (
              <InvitationTable invitations={open.data?.invitations ?? []} sites={sites} onChanged={reload} />
            )}
          </Panel>
        </>
      ) : null}
      {inviting && sites !== undefined ? (
        <InviteDialog
          sites={sites}
          onClose={() => setInviting(false)}
          onSent={() => {
            setInviting(false);
            reload();
          }}
        />
      ) : null}
    </div>
  );
}
