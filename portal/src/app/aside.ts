/**
 * A sign-in in a window of its own, beside the session of this page: its token comes back here and nowhere else.
 *
 * The windows speak over a channel of this origin, since providers may cut the tie between a window and its opener.
 */
import { InMemoryWebStorage, OidcClient, WebStorageStateStore } from 'oidc-client-ts';
import type { PortalConfig } from './config';

const CHANNEL = 'cnc.sign-in';
const LONGEST_MS = 10 * 60_000;
const ANSWER_MS = 2_000;

export class AsideFailed extends Error {}

/** The access token of whoever signs in there. Must be called in answer to a click: browsers block windows otherwise. */
export async function signInAside(config: PortalConfig, extra: Readonly<Record<string, string>>): Promise<string> {
  const opened = window.open('about:blank', '', 'popup,width=520,height=760');
  if (opened === null) throw new AsideFailed('blocked');
  const client = new OidcClient({
    authority: config.issuer,
    client_id: config.clientId,
    redirect_uri: `${window.location.origin}/callback`,
    response_type: 'code',
    scope: 'openid email profile',
    stateStore: new WebStorageStateStore({ store: new InMemoryWebStorage() }),
  });
  const request = await client.createSigninRequest({ prompt: 'login', extraQueryParams: { ...extra } });
  const back = awaited(request.state.id);
  opened.location.href = request.url;
  const answer = await client.processSigninResponse(await back);
  return answer.access_token;
}

/** The address that the other window came back to. */
function awaited(state: string): Promise<string> {
  const channel = new BroadcastChannel(CHANNEL);
  return new Promise<string>((done, failed) => {
    const timer = setTimeout(() => failed(new AsideFailed('waited')), LONGEST_MS);
    channel.onmessage = ({ data }: MessageEvent<{ back?: string }>) => {
      if (data.back === undefined || new URL(data.back).searchParams.get('state') !== state) return;
      channel.postMessage({ taken: state });
      clearTimeout(timer);
      done(data.back);
    };
  }).finally(() => channel.close());
}

/** In the window that came back: whether another page of ours was waiting for it. */
export function handOver(back: string, state: string): Promise<boolean> {
  const channel = new BroadcastChannel(CHANNEL);
  return new Promise<boolean>((done) => {
    const timer = setTimeout(() => done(false), ANSWER_MS);
    channel.onmessage = ({ data }: MessageEvent<{ taken?: string }>) => {
      if (data.taken !== state) return;
      clearTimeout(timer);
      done(true);
    };
    channel.postMessage({ back });
  }).finally(() => channel.close());
}
