/** REST under /v1 with the token of the session: programs, changes, probes, second factor. */
import type { Session } from '../app/session';
import type { Problem } from '../gql/problems';

const TIMEOUT_MS = 20_000;

/** What the API said instead of an answer; `message` is its sentence. */
export class RestError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.message);
  }
}

const UNREACHABLE: Problem = { code: 'network.unreachable', message: '', todo: '', requestId: '' };
const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** The problem in a problem+json document; a body that is none still has its status. */
export function problemFrom(status: number, body: string): Problem {
  let document: Record<string, unknown>;
  try {
    document = JSON.parse(body) as Record<string, unknown>;
  } catch {
    return { code: `http.${status}`, message: `HTTP ${status}`, todo: '', requestId: '' };
  }
  return {
    code: text(document['code']) || `http.${status}`,
    message: text(document['title']) || `HTTP ${status}`,
    seen: text(document['seen']),
    expected: text(document['expected']),
    todo: text(document['todo']),
    requestId: text(document['requestId']),
  };
}

export interface Rest {
  get<Answer>(path: string, signal?: AbortSignal): Promise<Answer>;
  send<Answer>(method: 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body: object): Promise<Answer>;
}

export function createRest(session: Session): Rest {
  const ask = async (path: string, init: RequestInit): Promise<Response> => {
    const headers = new Headers(init.headers);
    headers.set('authorization', `Bearer ${session.accessToken()}`);
    const signals = [AbortSignal.timeout(TIMEOUT_MS), ...(init.signal ? [init.signal] : [])];
    let answer: Response;
    try {
      answer = await fetch(`/v1${path}`, { ...init, headers, signal: AbortSignal.any(signals) });
    } catch (error) {
      if (init.signal?.aborted === true) throw error;
      throw new RestError(UNREACHABLE);
    }
    if (answer.status === 401) void session.renew();
    if (!answer.ok) throw new RestError(problemFrom(answer.status, await answer.text()));
    return answer;
  };
  return {
    get: async <Answer>(path: string, signal?: AbortSignal) =>
      (await ask(path, signal === undefined ? {} : { signal })).json() as Promise<Answer>,
    send: async <Answer>(method: string, path: string, body: object) => {
      const headers = { 'content-type': 'application/json' };
      return (await ask(path, { method, headers, body: JSON.stringify(body) })).json() as Promise<Answer>;
    },
  };
}
