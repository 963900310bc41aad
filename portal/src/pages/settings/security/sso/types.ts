/** What the routes of a company's own sign-in answer. */
export type Kind = 'entra' | 'google' | 'oidc' | 'saml';
export const KINDS: readonly Kind[] = ['entra', 'google', 'oidc', 'saml'];
/** Roles that somebody may get by signing in alone (cnc.domain.identity.sso.JOINING_ROLES). */
export const JOINING: readonly string[] = ['operator', 'supervisor', 'maintenance', 'quality', 'viewer'];

export interface Domain {
  readonly name: string;
  readonly proven: boolean;
  readonly record: string;
  readonly text: string;
}

export interface Provider {
  readonly id: string;
  readonly kind: Kind;
  readonly name: string;
  readonly directoryId: string;
  readonly issuer: string;
  readonly clientId: string;
  readonly metadataUrl: string;
  readonly emailClaim: string;
  readonly domains: readonly Domain[];
  readonly tested: boolean;
  readonly testedAt: string | null;
  readonly joiningRole: string;
  readonly enforcedAt: string | null;
  readonly breakGlass: readonly string[];
}

export interface Providers {
  readonly providers: readonly Provider[];
  readonly redirectAddress: string;
  readonly assertionConsumer: string;
  readonly entityId: string;
}

export interface Finding {
  readonly name: string;
  readonly ok: boolean;
  readonly seen: string;
  readonly todo: string;
}

export interface Tested {
  readonly provider: Provider;
  readonly findings: readonly Finding[];
}
