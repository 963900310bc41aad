/** The secret in an `otpauth://` address, for those who type it. */
export const secretOf = (uri: string): string => new URLSearchParams(uri.slice(uri.indexOf('?') + 1)).get('secret') ?? '';

/** Groups of four are easier to type. */
export const inGroups = (secret: string): string => secret.match(/.{1,4}/g)?.join(' ') ?? '';
