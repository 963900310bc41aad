import { useCallback, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCoarseNow } from '../../app/now';
import { askForCode, askForToken, becomeScreen, type Waiting } from '../../app/screen';
import { useForcedScheme } from '../../app/useForcedScheme';
import { usePageTitle } from '../../app/usePageTitle';
import { Logo } from '../../components/Logo';
import { QrCode } from '../account/QrCode';
import styles from './PairPage.module.css';

const AGAIN_MS = 15_000;

/** On the screen itself: a code to read to somebody who may let it in, and the boards as soon as they did. */
export default function PairPage() {
  const { t } = useTranslation();
  usePageTitle(t('pair.title'));
  useForcedScheme('dark');
  const { waiting, refused } = useCode();
  const now = useCoarseNow(1000);
  const left = waiting === undefined ? 0 : Math.max(1, Math.round((Date.parse(waiting.expiresAt) - now) / 60_000));
  const page = `${window.location.origin}/settings/security`;
  return (
    <main className={styles.page}>
      <p className={styles.brand}>
        <Logo size={44} />
        {t('product')}
      </p>
      <h1 className={styles.title}>{t('pair.title')}</h1>
      {waiting === undefined ? (
        <p role="status">{t(refused ? 'pair.refused' : 'loading')}</p>
      ) : (
        <>
          <p className={styles.code} data-code={waiting.code} aria-label={[...waiting.code].join(' ')}>
            {waiting.code.slice(0, 3)} {waiting.code.slice(3)}
          </p>
          <div className={styles.how}>
            <QrCode text={`${page}?pair=${waiting.code}`} label={t('pair.qr')} />
            <ol className={styles.steps}>
              <li>{t('pair.open', { page })}</li>
              <li>{t('pair.enter')}</li>
              <li>{t('pair.wait')}</li>
            </ol>
          </div>
          <p className={styles.left}>{t('pair.left', { count: left })}</p>
        </>
      )}
    </main>
  );
}

/** The code at hand, a new one when it ends; leaves for the boards when somebody let the screen in. */
function useCode(): { waiting: Waiting | undefined; refused: boolean } {
  const [waiting, setWaiting] = useState<Waiting>();
  const [refused, setRefused] = useState(false);
  const ask = useCallback(() => {
    askForCode().then(
      (made) => {
        setWaiting(made);
        setRefused(false);
      },
      () => {
        setWaiting(undefined);
        setRefused(true);
      },
    );
  }, []);
  useEffect(ask, [ask]);
  useEffect(() => {
    if (waiting === undefined) {
      const timer = setInterval(ask, AGAIN_MS);
      return () => clearInterval(timer);
    }
    const look = () => {
      askForToken().then(
        ({ state }) => {
          if (state === 'paired') becomeScreen();
          else if (Date.now() > Date.parse(waiting.expiresAt)) ask();
        },
        () => undefined, // away for a moment: asked again
      );
    };
    const timer = setInterval(look, waiting.pollS * 1000);
    return () => clearInterval(timer);
  }, [waiting, ask]);
  return { waiting, refused };
}

/** For the router, which loads it for who comes from the settings. */
export { PairPage as Component };
