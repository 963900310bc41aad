import { useTranslation } from 'react-i18next';
import { Button } from '../components/Button';
import { Dialog } from '../components/Dialog';
import { Waiting } from '../components/Notice';
import { ShowFactor } from '../pages/factor/ShowFactor';
import type { CurrentSession } from '../rest/sessions';
import { useAsk } from '../rest/useRest';
import { useSession } from './SessionContext';

/** Asks for proof before something dangerous, and lets the call that waits for it go on. */
export default function StepUpDialog({ answer }: { answer: (shown: boolean) => void }) {
  const { t } = useTranslation();
  const session = useSession();
  const { data } = useAsk<CurrentSession>('/sessions/current');
  const no = <Button onClick={() => answer(false)}>{t('stepUp.no')}</Button>;
  const again = (
    <Button tone="primary" onClick={() => void session.signIn(true)}>
      {t('stepUp.signIn')}
    </Button>
  );
  const known = data?.factor.enrolled;
  return (
    <Dialog
      title={t('stepUp.title')}
      onClose={() => answer(false)}
      actions={
        <>
          {no}
          {known === false ? again : null}
        </>
      }
    >
      <p>{t(known === false ? 'stepUp.signInLead' : 'stepUp.lead')}</p>
      {known === undefined ? <Waiting blocks={1} height="6rem" /> : null}
      {known === true ? <ShowFactor phone={data?.factor.phone ?? ''} onShown={() => answer(true)} /> : null}
    </Dialog>
  );
}
