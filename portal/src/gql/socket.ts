/** The live socket: a ticket per connection, reconnects with jitter, and tells who listens when it is back. */
import { createClient, type Client } from 'graphql-ws';
import type { PortalConfig } from '../app/config';
import type { Session } from '../app/session';
import { link } from './link';

/** API Gateway drops idle sockets after 10 minutes. */
const KEEP_ALIVE_MS = 60_000;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 20_000;
const TICKET_TIMEOUT_MS = 10_000;

/** Full jitter between half and all of a doubling wait, so that 100 pages do not come back in one instant. */
export function retryWaitMs(retries: number, random: number): number {
  const ceiling = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** retries);
  return ceiling / 2 + (ceiling / 2) * random;
}

async function ticket(session: Session): Promise<string> {
  const answer = await fetch('/v1/socket-tickets', {
    method: 'POST',
    headers: { authorization: `Bearer ${session.accessToken()}`, 'content-type': 'application/json' },
    body: '{}',
    signal: AbortSignal.timeout(TICKET_TIMEOUT_MS),
  });
  if (!answer.ok) throw new Error(`No socket ticket: HTTP ${answer.status}.`);
  const body = (await answer.json()) as { ticket: string };
  return body.ticket;
}

export function createSocket(config: PortalConfig, session: Session): Client {
  const base = new URL(config.socket, window.location.href);
  base.protocol = base.protocol === 'https:' ? 'wss:' : 'ws:';
  return createClient({
    url: async () => `${base.href}?ticket=${encodeURIComponent(await ticket(session))}`,
    connectionParams: () => ({ authorization: `Bearer ${session.accessToken()}` }),
    lazy: true,
    lazyCloseTimeout: 5_000,
    keepAlive: KEEP_ALIVE_MS,
    retryAttempts: Number.POSITIVE_INFINITY,
    shouldRetry: () => true,
    retryWait: async (retries) => {
      await new Promise((done) => setTimeout(done, retryWaitMs(retries, Math.random())));
    },
    on: {
      connected: () => link.set('live'),
      closed: () => link.set('lost'),
      error: () => link.set('lost'),
    },
  });
}
