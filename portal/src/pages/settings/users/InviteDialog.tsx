import { useId, useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../../../components/Button';
import { Dialog } from '../../../components/Dialog';
import { TextField } from '../../../components/Field';
import { Refusal } from '../../../components/Notice';
import type { CompanySite, Grants } from '../../../rest/people';
import { useAct } from '../../../rest/useRest';
import { EndField } from './EndField';
import { endOfDay, isEmpty } from './grants';
import { GrantsEditor } from './GrantsEditor';
import styles from './users.module.css';

interface InviteDialogProps {
  sites: readonly CompanySite[];
  onClose: () => void;
  onSent: () => void;
}

export function InviteDialog({ sites, onClose, onSent }: InviteDialogProps) {
  const { t } = useTranslation();
  const id = useId();
  const act = useAct();
  const [email, setEmail] = useState('');
  const [grants, setGrants] = useState<Grants>({});
  const [ends, setEnds] = useState('');
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const body = { email, grants, accessEndsAt: endOfDay(ends) };
    if ((await act.run((rest) => rest.send('POST', '/invitations', body))) !== undefined) onSent();
  };
  return (
    <Dialog
      title={t('users.invite')}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t('users.cancel')}</Button>
          <Button type="submit" form={id} tone="primary" disabled={act.busy || email === '' || isEmpty(grants)}>
            {t('users.send')}
          </Button>
        </>
      }
    >
      <form id={id} className={styles.dialog} onSubmit={(event) => void submit(event)}>
        <p>{t('users.inviteLead')}</p>
        <TextField
          type="email"
          label={t('users.email')}
          required
          maxLength={254}
          autoComplete="off"
          value={email}
          onChange={setEmail}
        />
        <GrantsEditor sites={sites} value={grants} onChange={setGrants} />
        <EndField value={ends} onChange={setEnds} />
        <Refusal problem={act.problem} />
      </form>
    </Dialog>
  );
}
