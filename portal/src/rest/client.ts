/** REST under /v1 with the token of the session: programs, changes, probes, second factor. */
import type { Session } from '../app/session';
import { heed } from '../app/standing';
import { stepUp } from '../app/stepUp';
import type { Problem } from '../gql/problems';
import { problemFrom } from './problem';

export { problemFrom };

const TIMEOUT_MS = 20_000;

/** What the API said instead of an answer; `message` is its sentence. */
export class RestError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.message);
  }
}

const UNREACHABLE: Problem = { code: 'network.unreachable', message: '', todo: '', requestId: '' };
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
    if (answer.ok) return answer;
    const problem = problemFrom(answer.status, await answer.text());
    heed(problem.code, answer.status, session);
    throw new RestError(problem);
  };
  /** Once more after proof of who it is, where the API asks for that. */
  const askProven = async (path: string, init: RequestInit): Promise<Response> => {
    try {
      return await ask(path, init);
    } catch (error) {
      if (!(error instanceof RestError) || error.problem.code !== 'auth.step_up' || !(await stepUp.ask())) throw error;
      return ask(path, init);
    }
  };
  return {
    get: async <Answer>(path: string, signal?: AbortSignal) =>
      (await ask(path, signal === undefined ? {} : { signal })).json() as Promise<Answer>,
    send: async <Answer>(method: string, path: string, body: object) => {
      const headers = { 'content-type': 'application/json' };
      return (await askProven(path, { method, headers, body: JSON.stringify(body) })).json() as Promise<Answer>;
    },
  };
}
