/** The live socket: a ticket per connection, reconnects with jitter, and tells who listens when it is back. */
import { createClient, type Client } from 'graphql-ws';
import type { PortalConfig } from '../app/config';
import type { Session } from '../app/session';
import { heed } from '../app/standing';
import { problemFrom } from '../rest/problem';
import { link } from './link';

/** API Gateway drops idle sockets after 10 minutes. */
const KEEP_ALIVE_MS = 60_000;
/** A socket that leaves a ping without an answer is dead, whatever the browser thinks of it. */
const PONG_MS = 10_000;
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
  if (!answer.ok) {
    heed(problemFrom(answer.status, await answer.text()).code, answer.status, session);
    throw new Error(`No socket ticket: HTTP ${answer.status}.`);
  }
  const body = (await answer.json()) as { ticket: string };
  return body.ticket;
}

/** Ends early when the browser says that it has a network again. */
function pause(ms: number): Promise<void> {
  return new Promise((done) => {
    const end = () => {
      clearTimeout(timer);
      window.removeEventListener('online', end);
      done();
    };
    const timer = setTimeout(end, ms);
    window.addEventListener('online', end);
  });
}

/** graphql-ws gives up for good when it is not told an address: so this one asks until there is a ticket. */
async function ticketInTime(session: Session): Promise<string> {
  for (let tries = 0; ; tries += 1) {
    const found = await ticket(session).catch(() => null);
    if (found !== null) return found;
    link.set('lost');
    await pause(retryWaitMs(tries, Math.random()));
  }
}

export function createSocket(config: PortalConfig, session: Session): Client {
  const base = new URL(config.socket, window.location.href);
  base.protocol = base.protocol === 'https:' ? 'wss:' : 'ws:';
  let answer: ReturnType<typeof setTimeout> | undefined;
  const client = createClient({
    url: async () => `${base.href}?ticket=${encodeURIComponent(await ticketInTime(session))}`,
    connectionParams: () => ({ authorization: `Bearer ${session.accessToken()}` }),
    lazy: true,
    lazyCloseTimeout: 5_000,
    keepAlive: KEEP_ALIVE_MS,
    retryAttempts: Number.POSITIVE_INFINITY,
    shouldRetry: () => true,
    retryWait: async (retries) => {
      await pause(retryWaitMs(retries, Math.random()));
    },
    on: {
      connected: () => link.set('live'),
      ping: (received) => {
        if (!received) answer = setTimeout(() => client.terminate(), PONG_MS);
      },
      pong: (received) => {
        if (received) clearTimeout(answer);
      },
      closed: () => {
        clearTimeout(answer);
        link.set('lost');
      },
      error: () => link.set('lost'),
    },
  });
  return client;
}
