/** What the page function tells the portal about its surroundings (docs/contracts.md section 7). */
export interface PortalConfig {
  readonly issuer: string;
  readonly clientId: string;
  readonly graphql: string;
  readonly socket: string;
}

const KEYS = ['issuer', 'clientId', 'graphql', 'socket'] as const;

/** Throws when a key is missing: the page function and this build do not fit together. */
export function parseConfig(text: string): PortalConfig {
  const found = JSON.parse(text) as Record<string, unknown>;
  for (const key of KEYS) {
    if (typeof found[key] !== 'string' || found[key] === '') {
      throw new Error(`The page configuration has no "${key}"; expected ${KEYS.join(', ')}.`);
    }
  }
  return found as unknown as PortalConfig;
}

export function readConfig(page: Document): PortalConfig {
  const block = page.getElementById('cnc-config');
  if (block === null) {
    throw new Error('The page carries no configuration (script id "cnc-config").');
  }
  return parseConfig(block.textContent ?? '');
}

/** The CSP nonce of this page load; browsers hide the attribute and keep the property. */
export function pageNonce(page: Document): string {
  const carrier = page.querySelector<HTMLScriptElement>('script[nonce]');
  return carrier?.nonce ?? '';
}
