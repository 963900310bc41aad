/** A paired screen as a session: its secret is a cookie no script reads, its token lives in memory for an hour. */
import { problemFrom } from '../rest/problem';
import { SignInFailed, type Session } from './session';

/** No secret: remembers that this browser is a screen, so that `/tv` asks for its token. */
const HINT = 'cnc.screen';
const TIMEOUT_MS = 15_000;
const BEFORE_END_MS = 5 * 60_000;
const AGAIN_MS = 10_000;

export interface Waiting {
  readonly code: string;
  readonly expiresAt: string;
  readonly pollS: number;
}

interface Told {
  readonly state: 'waiting' | 'paired';
  readonly token: string | null;
  readonly expiresAt: string | null;
}

/** The code of a refusal is in the message. */
export class Refused extends Error {}

async function post<Answer>(path: string): Promise<Answer> {
  const answer = await fetch(`/v1${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!answer.ok) throw new Refused(problemFrom(answer.status, await answer.text()).code);
  return (await answer.json()) as Answer;
}

export const askForCode = (): Promise<Waiting> => post<Waiting>('/pairings');
export const askForToken = (): Promise<Told> => post<Told>('/screens/token');

export const isScreen = (): boolean => window.localStorage.getItem(HINT) !== null;

/** This browser is a screen from now on: straight to the boards. */
export function becomeScreen(): void {
  window.localStorage.setItem(HINT, '1');
  window.location.replace('/tv');
}

export class ScreenSession implements Session {
  readonly email = '';
  readonly screen = true;
  private token: string | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private asking: Promise<void> | null = null;

  async open(): Promise<'signed-in' | 'leaving'> {
    try {
      await this.renew();
    } catch (error) {
      if (this.token === null && !(error instanceof Refused)) this.after(AGAIN_MS, () => window.location.reload());
      return 'leaving';
    }
    return 'signed-in';
  }

  accessToken(): string {
    if (this.token === null) throw new SignInFailed('This screen is not paired.');
    return this.token;
  }

  renew(): Promise<void> {
    this.asking ??= this.ask().finally(() => {
      this.asking = null;
    });
    return this.asking;
  }

  signIn(): Promise<void> {
    this.ended();
    return Promise.resolve();
  }

  signOut(): Promise<void> {
    this.ended();
    return Promise.resolve();
  }

  /** Taken away: the screen asks to be let in again. */
  ended(): void {
    window.localStorage.removeItem(HINT);
    window.location.replace('/pair');
  }

  private async ask(): Promise<void> {
    let told: Told;
    try {
      told = await askForToken();
    } catch (error) {
      if (error instanceof Refused && error.message !== 'limit.rate') this.ended();
      else this.after(AGAIN_MS, () => void this.renew().catch(() => undefined));
      throw error;
    }
    if (told.token === null || told.expiresAt === null) {
      this.ended();
      throw new Refused('auth.missing');
    }
    this.token = told.token;
    this.after(Date.parse(told.expiresAt) - Date.now() - BEFORE_END_MS, () => void this.renew().catch(() => undefined));
  }

  private after(ms: number, act: () => void): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(act, Math.max(AGAIN_MS, ms));
  }
}
