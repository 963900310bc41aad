import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSession } from '../../../app/SessionContext';
import { useViewer } from '../../../app/useViewer';
import { Button } from '../../../components/Button';
import { Dialog } from '../../../components/Dialog';
import { TextField } from '../../../components/Field';
import form from '../../../components/form.module.css';
import { Refusal } from '../../../components/Notice';
import { Panel } from '../../../components/Panel';
import { useAct } from '../../../rest/useRest';

/** The end of one's own data here: asked back, with the address typed and proof of who it is. */
export function ErasurePanel() {
  const { t } = useTranslation();
  const { userId } = useViewer();
  const session = useSession();
  const act = useAct();
  const [asking, setAsking] = useState(false);
  const [typed, setTyped] = useState('');
  const erase = async () => {
    const order = await act.run((rest) => rest.send('POST', '/erasures', { personId: userId, confirmation: typed }));
    if (order !== undefined) await session.signOut();
  };
  return (
    <Panel title={t('privacy.erasure')} note={t('privacy.erasureNote')}>
      <div className={form.form}>
        <p className={form.why}>{t('privacy.erasureMeans')}</p>
        <div className={form.actions}>
          <Button tone="stop" onClick={() => setAsking(true)}>
            {t('privacy.eraseMe')}
          </Button>
        </div>
      </div>
      {asking ? (
        <Dialog
          title={t('privacy.eraseTitle')}
          onClose={() => setAsking(false)}
          actions={
            <>
              <Button onClick={() => setAsking(false)}>{t('users.cancel')}</Button>
              <Button tone="stop" disabled={act.busy || !typed.includes('@')} onClick={() => void erase()}>
                {t('privacy.eraseNow')}
              </Button>
            </>
          }
        >
          <p>{t('privacy.eraseText')}</p>
          <TextField label={t('privacy.typeEmail')} autoComplete="off" value={typed} onChange={setTyped} />
          <Refusal problem={act.problem} />
        </Dialog>
      ) : null}
    </Panel>
  );
}
