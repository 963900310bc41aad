/** urql over POST and the live socket. */
import { cacheExchange, Client, fetchExchange, mapExchange, subscriptionExchange } from 'urql';
import type { PortalConfig } from '../app/config';
import type { Session } from '../app/session';
import { heed } from '../app/standing';
import { operationText } from './operations';
import { refusalOf } from './problems';
import { createSocket } from './socket';

const REQUEST_TIMEOUT_MS = 15_000;

interface Posted {
  operationName: string;
  variables?: unknown;
}

/** urql adds and reformats fields; the API knows our documents by their text, so that exact text is sent. */
function exactBody(body: unknown): string {
  const { operationName, variables } = JSON.parse(String(body)) as Posted;
  return JSON.stringify({ operationName, query: operationText(operationName), variables });
}

export function createGraphql(config: PortalConfig, session: Session): Client {
  const socket = createSocket(config, session);
  return new Client({
    url: config.graphql,
    preferGetMethod: false,
    requestPolicy: 'cache-and-network',
    fetch: (input, init) => {
      const headers = new Headers(init?.headers);
      headers.set('authorization', `Bearer ${session.accessToken()}`);
      const signals = [AbortSignal.timeout(REQUEST_TIMEOUT_MS), ...(init?.signal ? [init.signal] : [])];
      return fetch(input, { ...init, headers, body: exactBody(init?.body), signal: AbortSignal.any(signals) });
    },
    exchanges: [
      cacheExchange,
      mapExchange({
        onError: (error) => {
          const { code, status } = refusalOf(error);
          heed(code, status, session);
        },
        // An answer that is nothing but errors carries `data: null`; for the pages that is no data.
        onResult: (result) => ({ ...result, data: result.data ?? undefined }),
      }),
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: ({ operationName, variables }) => ({
          subscribe: (sink) => ({
            unsubscribe: socket.subscribe(
              {
                operationName: operationName ?? null,
                query: operationText(operationName ?? ''),
                variables: variables as Record<string, unknown>,
              },
              sink as Parameters<typeof socket.subscribe>[1],
            ),
          }),
        }),
      }),
    ],
  });
}
