import { MantineProvider } from '@mantine/core';
import { lazy, Suspense, use, useCallback, useState } from 'react';
import { RouterProvider } from 'react-router';
import { Provider as GraphqlProvider } from 'urql';
import { createGraphql } from '../gql/client';
import { Leaving, SignIn } from '../pages/signin/SignIn';
import { createRest } from '../rest/client';
import { pageNonce, type PortalConfig } from './config';
import { useIdle } from './idle';
import { createRouter } from './router';
import type { Session } from './session';
import { SessionContext } from './SessionContext';
import { standing, useStanding } from './standing';
import { useStepUp } from './stepUp';
import { theme } from './theme';

export interface Opening {
  readonly state: 'signed-in' | 'signed-out' | 'leaving' | 'pairing';
  readonly failure: string | null;
}

interface AppProps {
  config: PortalConfig;
  session: Session;
  opening: Promise<Opening>;
}

const nonce = pageNonce(document);
const FactorPage = lazy(() => import('../pages/factor/FactorPage'));
const PairPage = lazy(() => import('../pages/pair/PairPage'));
const StepUpDialog = lazy(() => import('./StepUpDialog'));

export function App(props: AppProps) {
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto" getStyleNonce={() => nonce}>
      <Suspense fallback={<Leaving />}>
        <Opened {...props} />
      </Suspense>
    </MantineProvider>
  );
}

function Opened({ config, session, opening }: AppProps) {
  const { state, failure } = use(opening);
  if (state === 'leaving') return <Leaving />;
  if (state === 'pairing') return <PairPage />;
  if (state === 'signed-out') return <SignIn session={session} failure={failure} />;
  return <Inside config={config} session={session} />;
}

/** A person who has to show a second factor sees nothing else; who has shown it begins with fresh answers. */
function Inside({ config, session }: { config: PortalConfig; session: Session }) {
  const now = useStanding();
  if (now === 'leaving') return <Leaving />;
  if (now === 'company') return <SignIn session={session} failure={null} company />;
  if (now === 'ended') return <SignIn session={session} failure={null} ended />;
  return (
    <SessionContext value={session}>
      {now === 'factor' ? (
        <FactorPage onDone={() => standing.set('in')} />
      ) : (
        <Pages config={config} session={session} />
      )}
    </SessionContext>
  );
}

function Pages({ config, session }: { config: PortalConfig; session: Session }) {
  const [client] = useState(() => createGraphql(config, session));
  const [router] = useState(createRouter);
  return (
    <GraphqlProvider value={client}>
      <RouterProvider router={router} />
      {session.screen === true ? null : <Attended session={session} />}
    </GraphqlProvider>
  );
}

/** What only people need: being asked for proof, and being signed out when nobody is there. */
function Attended({ session }: { session: Session }) {
  const leave = useCallback(() => {
    void createRest(session)
      .send('DELETE', '/sessions/current', {})
      .catch(() => undefined)
      .finally(() => session.ended());
  }, [session]);
  useIdle(leave);
  const question = useStepUp();
  if (question === null) return null;
  return (
    <Suspense>
      <StepUpDialog answer={question.answer} />
    </Suspense>
  );
}
