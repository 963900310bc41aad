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
import { createSession } from './session';

async function start(root: HTMLElement): Promise<void> {
  await startI18n();
  const config = readConfig(document);
  const session = createSession(config, window.location.origin);
  createRoot(root).render(
    <StrictMode>
      <App config={config} session={session} opening={open(session)} />
    </StrictMode>,
  );
}

const open = (session: ReturnType<typeof createSession>) =>
  session.open().then(
    (state) => ({ state, failure: null }),
    (error: unknown) => ({ state: 'signed-out' as const, failure: error instanceof Error ? error.message : '' }),
  );

const root = document.getElementById('root');
if (root !== null) void start(root);
