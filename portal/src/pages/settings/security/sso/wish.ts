/** The form of a provider, and the body it makes: fields of another kind are left out. */
import type { Kind, Provider } from './types';

export interface Wish {
  readonly kind: Kind;
  readonly name: string;
  readonly domains: string;
  readonly directoryId: string;
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly metadataUrl: string;
  readonly metadata: string;
}

export const NAMES: Readonly<Record<Kind, string>> = {
  entra: 'Microsoft Entra ID',
  google: 'Google Workspace',
  oidc: 'OpenID Connect',
  saml: 'SAML 2.0',
};

export const fresh = (kind: Kind): Wish => ({
  kind,
  name: NAMES[kind],
  domains: '',
  directoryId: '',
  issuer: '',
  clientId: '',
  clientSecret: '',
  metadataUrl: '',
  metadata: '',
});

export const wishOf = (held: Provider): Wish => ({
  ...fresh(held.kind),
  name: held.name,
  domains: held.domains.map(({ name }) => name).join(', '),
  directoryId: held.directoryId,
  issuer: held.issuer,
  clientId: held.clientId,
  metadataUrl: held.metadataUrl,
});

export const domainsOf = (text: string): string[] => text.split(/[\s,;]+/).filter((one) => one !== '');

/** `held`: an empty secret keeps the one that is there. */
export function bodyOf(wish: Wish, held: boolean): Record<string, unknown> {
  const base = { kind: wish.kind, name: wish.name.trim(), domains: domainsOf(wish.domains) };
  if (wish.kind === 'saml') {
    return wish.metadata === '' ? { ...base, metadataUrl: wish.metadataUrl.trim() } : { ...base, metadata: wish.metadata };
  }
  const client = {
    clientId: wish.clientId.trim(),
    ...(held && wish.clientSecret === '' ? {} : { clientSecret: wish.clientSecret }),
  };
  if (wish.kind === 'entra') return { ...base, ...client, directoryId: wish.directoryId.trim() };
  return wish.kind === 'google' ? { ...base, ...client } : { ...base, ...client, issuer: wish.issuer.trim() };
}
