import '@fontsource-variable/archivo/wdth.css';
import '../styles/mantine.css';
import '../styles/tokens.css';
import '../styles/states.css';
import '../styles/base.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { startI18n } from '../i18n';
import { App } from './App';
import { readConfig } from './config';
import { forgetWhoLeft } from './forgetting';
import { isScreen, ScreenSession } from './screen';
import { createSession, type Session } from './session';

async function start(root: HTMLElement): Promise<void> {
  await startI18n();
  const config = readConfig(document);
  const path = window.location.pathname;
  const session = path === '/tv' && isScreen() ? new ScreenSession() : createSession(config, window.location.origin);
  forgetWhoLeft(session);
  const opening = path === '/pair' ? Promise.resolve(PAIRING) : open(session);
  createRoot(root).render(
    <StrictMode>
      <App config={config} session={session} opening={opening} />
    </StrictMode>,
  );
}

/** Nobody signs in there: it is the page of a screen that asks to be let in. */
const PAIRING = { state: 'pairing' as const, failure: null };

const open = (session: Session) =>
  session.open().then(
    (state) => ({ state, failure: null }),
    (error: unknown) => ({ state: 'signed-out' as const, failure: error instanceof Error ? error.message : '' }),
  );

const root = document.getElementById('root');
if (root !== null) void start(root);
