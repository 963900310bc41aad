import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useViewer } from '../../../app/useViewer';
import { Button } from '../../../components/Button';
import form from '../../../components/form.module.css';
import { Notice, Refusal } from '../../../components/Notice';
import { useAct } from '../../../rest/useRest';

type Done = 'signedOut' | 'factorTaken';

/** For who lost a device: out of every session, and the way back in without the authenticator. */
export function SecurityActions({ person }: { person: { id: string; name: string } }) {
  const { t } = useTranslation();
  const { may, userId } = useViewer();
  const act = useAct();
  const [done, setDone] = useState<Done>();
  if (!may('people.manage') || person.id === userId) return null;
  const run = async (path: string, told: Done) => {
    if ((await act.run((rest) => rest.send('DELETE', path, {}))) !== undefined) setDone(told);
  };
  return (
    <div className={form.form}>
      <div className={form.actions}>
        <Button disabled={act.busy} onClick={() => void run(`/people/${person.id}/sessions`, 'signedOut')}>
          {t('users.signOut')}
        </Button>
        <Button disabled={act.busy} onClick={() => void run(`/second-factor/${person.id}`, 'factorTaken')}>
          {t('users.takeFactor')}
        </Button>
      </div>
      {done === undefined ? null : <Notice tone="calm" title={t(`users.secured.${done}`, { name: person.name })} />}
      <Refusal problem={act.problem} />
    </div>
  );
}
