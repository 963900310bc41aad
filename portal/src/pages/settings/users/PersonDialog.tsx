import { useId, useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../../../components/Button';
import { Dialog } from '../../../components/Dialog';
import form from '../../../components/form.module.css';
import { Refusal } from '../../../components/Notice';
import type { CompanySite, Grants, Person } from '../../../rest/people';
import { useAct } from '../../../rest/useRest';
import { EndField } from './EndField';
import { dateOf, endOfDay, isEmpty } from './grants';
import { GrantsEditor } from './GrantsEditor';
import { SecurityActions } from './SecurityActions';
import styles from './users.module.css';

interface PersonDialogProps {
  person: Person;
  sites: readonly CompanySite[];
  onClose: () => void;
  onChanged: () => void;
}

/** Change what somebody is here, or let them go. */
export function PersonDialog({ person, sites, onClose, onChanged }: PersonDialogProps) {
  const { t } = useTranslation();
  const id = useId();
  const act = useAct();
  const [grants, setGrants] = useState<Grants>(person.grants ?? {});
  const [ends, setEnds] = useState(dateOf(person.endsAt));
  const [ending, setEnding] = useState(false);
  const take = async (method: 'PATCH' | 'DELETE', body: object) => {
    if ((await act.run((rest) => rest.send(method, `/people/${person.id}`, body))) !== undefined) onChanged();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const endsAt = ends === dateOf(person.endsAt) ? person.endsAt : endOfDay(ends);
    void take('PATCH', { grants, endsAt });
  };
  return (
    <Dialog
      title={t('users.change', { name: person.name })}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t('users.cancel')}</Button>
          <Button type="submit" form={id} tone="primary" disabled={act.busy || isEmpty(grants)}>
            {t('users.save')}
          </Button>
        </>
      }
    >
      <form id={id} className={styles.dialog} onSubmit={submit}>
        <GrantsEditor sites={sites} value={grants} onChange={setGrants} />
        <EndField value={ends} onChange={setEnds} />
        <div className={form.actions}>
          {ending ? (
            <Button tone="stop" disabled={act.busy} onClick={() => void take('DELETE', {})}>
              {t('users.endNow', { name: person.name })}
            </Button>
          ) : (
            <Button onClick={() => setEnding(true)}>{t('users.end')}</Button>
          )}
        </div>
        {ending ? <p className={form.why}>{t('users.endMeans')}</p> : null}
        <Refusal problem={act.problem} />
      </form>
      <SecurityActions person={person} />
    </Dialog>
  );
}
