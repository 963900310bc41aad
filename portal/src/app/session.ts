/** Sign-in with code + PKCE. Tokens live in memory only; a reload signs in again silently through the issuer. */
import { InMemoryWebStorage, UserManager, WebStorageStateStore, type SigninRedirectArgs, type User } from 'oidc-client-ts';
import { handOver } from './aside';
import type { PortalConfig } from './config';
import { standing } from './standing';

/** No secret: remembers only that somebody was signed in here, so that a reload need not ask. */
export const HINT = 'cnc.session';

export interface Session {
  /** The signed-in person, or null when the sign-in page must be shown. Null too while the browser is leaving. */
  open(): Promise<'signed-in' | 'signed-out' | 'leaving'>;
  /** `again`: type the password even where the issuer remembers it. */
  signIn(again?: boolean): Promise<void>;
  signOut(): Promise<void>;
  /** Throws when there is no session any more. */
  accessToken(): string;
  /** Called when the API refuses our token: signs in again, coming back to the same page, or to `to`. */
  renew(to?: string): Promise<void>;
  /** The API says that this session is over: nothing silent brings it back. */
  ended(): void;
  readonly email: string;
  /** The company's own sign-in that the person came through; "" for a password. */
  readonly provider?: string;
  /** Signs in through a company's own provider, which mostly still knows the person. */
  signInThrough?(provider: string): Promise<void>;
  /** A screen on the wall and no person. */
  readonly screen?: boolean;
}

interface ReturnState {
  readonly returnTo: string;
}

export class SignInFailed extends Error {}

export function createSession(config: PortalConfig, origin: string): Session {
  const manager = new UserManager({
    authority: config.issuer,
    client_id: config.clientId,
    redirect_uri: `${origin}/callback`,
    post_logout_redirect_uri: `${origin}/`,
    response_type: 'code',
    scope: 'openid email profile',
    automaticSilentRenew: true,
    monitorSession: false,
    userStore: new WebStorageStateStore({ store: new InMemoryWebStorage() }),
    stateStore: new WebStorageStateStore({ store: window.sessionStorage }),
  });
  return new OidcSession(manager, config.clientId, origin);
}

class OidcSession implements Session {
  private user: User | null = null;

  constructor(
    private readonly manager: UserManager,
    private readonly clientId: string,
    private readonly origin: string,
  ) {
    manager.events.addUserLoaded((user) => {
      this.user = user;
    });
    manager.events.addSilentRenewError(() => void this.renew());
    manager.events.addAccessTokenExpired(() => void this.renew());
  }

  get email(): string {
    return this.user?.profile.email ?? '';
  }

  get provider(): string {
    return /^(f_[0-9a-z]{16})_/.exec(String(this.user?.profile['cognito:username'] ?? ''))?.[1] ?? '';
  }

  async signInThrough(provider: string): Promise<void> {
    await this.leave({ extraQueryParams: { identity_provider: provider } }, '/');
  }

  async open(): Promise<'signed-in' | 'signed-out' | 'leaving'> {
    if (window.location.pathname === '/callback') {
      return (await wasAside()) ? 'leaving' : this.finish();
    }
    if (window.localStorage.getItem(HINT) !== null) {
      await this.leave({ prompt: 'none' });
      return 'leaving';
    }
    return 'signed-out';
  }

  async signIn(again = false): Promise<void> {
    await this.leave(again ? { prompt: 'login' } : {});
  }

  ended(): void {
    window.localStorage.removeItem(HINT);
    standing.set('ended');
  }

  async signOut(): Promise<void> {
    // First, so that neither the browser's memory of this page nor its back button holds what was shown.
    standing.set('leaving');
    window.localStorage.removeItem(HINT);
    const idToken = this.user?.id_token;
    this.user = null;
    // Cognito asks for client_id and logout_uri, the standard for post_logout_redirect_uri: both are sent.
    await this.manager.signoutRedirect({
      ...(idToken === undefined ? {} : { id_token_hint: idToken }),
      extraQueryParams: { client_id: this.clientId, logout_uri: `${this.origin}/` },
    });
  }

  accessToken(): string {
    if (this.user === null) {
      throw new SignInFailed('You are signed out.');
    }
    return this.user.access_token;
  }

  async renew(to?: string): Promise<void> {
    await this.leave({ prompt: 'none' }, to);
  }

  private async leave(extra: Partial<SigninRedirectArgs>, to?: string): Promise<void> {
    const { pathname, search, hash } = window.location;
    const returnTo = to ?? (pathname === '/callback' ? '/' : pathname + search + hash);
    await this.manager.signinRedirect({ state: { returnTo } satisfies ReturnState, ...extra });
  }

  private async finish(): Promise<'signed-in' | 'signed-out'> {
    const answer = new URLSearchParams(window.location.search);
    if (answer.get('error') !== null) {
      window.localStorage.removeItem(HINT);
      window.history.replaceState(null, '', '/');
      // The issuer has no session to continue, which is no failure: the sign-in page is shown.
      if (answer.get('error') === 'login_required') return 'signed-out';
      throw new SignInFailed(answer.get('error_description') ?? answer.get('error') ?? '');
    }
    this.user = await this.manager.signinRedirectCallback();
    window.localStorage.setItem(HINT, '1');
    window.history.replaceState(null, '', safeReturn(this.user.state));
    return 'signed-in';
  }
}

/** Whether this window came back for another page of ours, which takes the answer; it closes then. */
async function wasAside(): Promise<boolean> {
  const state = new URLSearchParams(window.location.search).get('state');
  if (state === null || window.sessionStorage.getItem(`oidc.${state}`) !== null) return false;
  if (!(await handOver(window.location.href, state))) return false;
  window.close();
  return true;
}

/** Only a path of this origin: `//host` and absolute addresses would leave it. */
export function safeReturn(state: unknown): string {
  const to = (state as Partial<ReturnState> | null)?.returnTo;
  return typeof to === 'string' && /^\/(?![/\\])/.test(to) ? to : '/';
}
