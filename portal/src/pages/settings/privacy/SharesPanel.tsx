import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../../../components/Button';
import { TextField } from '../../../components/Field';
import form from '../../../components/form.module.css';
import { Notice, Refusal } from '../../../components/Notice';
import { Panel } from '../../../components/Panel';
import { When } from '../../../components/When';
import { useAct, useAsk } from '../../../rest/useRest';
import { MachinePicker } from './MachinePicker';
import styles from './privacy.module.css';
import type { Share } from './types';

const DAYS = 90;

/** Third parties that read all data of one machine with a key of their own. */
export function SharesPanel() {
  const { t } = useTranslation();
  const act = useAct();
  const [wish, setWish] = useState({ machineId: '', recipient: '' });
  const [key, setKey] = useState('');
  const { data, reload } = useAsk<{ shares: Share[] }>('/shares');
  const make = async (event: FormEvent) => {
    event.preventDefault();
    const made = await act.run((rest) => rest.send<{ key: string }>('POST', '/shares', { ...wish, days: DAYS }));
    if (made === undefined) return;
    setKey(made.key);
    setWish({ machineId: '', recipient: '' });
    reload();
  };
  const end = async (id: string) => {
    if ((await act.run((rest) => rest.send('DELETE', `/shares/${id}`, {}))) !== undefined) reload();
  };
  return (
    <Panel title={t('privacy.shares')} note={t('privacy.sharesNote')}>
      <form className={form.form} onSubmit={(event) => void make(event)}>
        <div className={form.row}>
          <MachinePicker value={wish.machineId} onChange={(machineId) => setWish((before) => ({ ...before, machineId }))} />
          <TextField
            label={t('privacy.recipient')}
            maxLength={80}
            value={wish.recipient}
            onChange={(recipient) => setWish((before) => ({ ...before, recipient }))}
          />
        </div>
        <Refusal problem={act.problem} />
        <div className={form.actions}>
          <Button type="submit" disabled={act.busy || wish.machineId === '' || wish.recipient.trim() === ''}>
            {t('privacy.share', { days: DAYS })}
          </Button>
        </div>
      </form>
      {key === '' ? null : (
        <Notice tone="calm" title={t('privacy.shownOnce')}>
          <code className={styles.key}>{key}</code>
        </Notice>
      )}
      <ul className={styles.consents}>
        {(data?.shares ?? []).map((share) => (
          <li key={share.id} className={styles.share}>
            <span>
              <strong>{share.recipient}</strong> · {t('privacy.until')} <When instant={share.endsAt} />
            </span>
            <Button tone="stop" disabled={act.busy} onClick={() => void end(share.id)}>
              {t('privacy.endShare', { recipient: share.recipient })}
            </Button>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
