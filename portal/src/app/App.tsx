import { MantineProvider } from '@mantine/core';
import { Suspense, use, useState } from 'react';
import { RouterProvider } from 'react-router';
import { Provider as GraphqlProvider } from 'urql';
import { createGraphql } from '../gql/client';
import { Leaving, SignIn } from '../pages/signin/SignIn';
import { pageNonce, type PortalConfig } from './config';
import { createRouter } from './router';
import type { Session } from './session';
import { SessionContext } from './SessionContext';
import { theme } from './theme';

export interface Opening {
  readonly state: 'signed-in' | 'signed-out' | 'leaving';
  readonly failure: string | null;
}

interface AppProps {
  config: PortalConfig;
  session: Session;
  opening: Promise<Opening>;
}

const nonce = pageNonce(document);

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
  if (state === 'signed-out') return <SignIn session={session} failure={failure} />;
  return <Inside config={config} session={session} />;
}

function Inside({ config, session }: { config: PortalConfig; session: Session }) {
  const [client] = useState(() => createGraphql(config, session));
  const [router] = useState(createRouter);
  return (
    <SessionContext value={session}>
      <GraphqlProvider value={client}>
        <RouterProvider router={router} />
      </GraphqlProvider>
    </SessionContext>
  );
}
