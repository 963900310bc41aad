import { describe, expect, it } from 'vitest';
import { bodyOf, domainsOf, fresh } from './wish';

describe('the body of a provider', () => {
  it('has the fields of its kind and no other', () => {
    const typed = { directoryId: ' d ', issuer: 'https://i', clientId: ' c ', clientSecret: 's', domains: 'a.example b.example' };
    expect(bodyOf({ ...fresh('entra'), ...typed }, false)).toEqual({
      kind: 'entra',
      name: 'Microsoft Entra ID',
      domains: ['a.example', 'b.example'],
      directoryId: 'd',
      clientId: 'c',
      clientSecret: 's',
    });
    expect(bodyOf({ ...fresh('google'), ...typed }, false)).not.toHaveProperty('issuer');
    expect(bodyOf({ ...fresh('oidc'), ...typed }, false)).toHaveProperty('issuer', 'https://i');
  });

  it('takes the file before the address', () => {
    const both = { ...fresh('saml'), metadataUrl: 'https://m', metadata: '<x/>' };
    expect(bodyOf(both, false)).not.toHaveProperty('metadataUrl');
    expect(bodyOf({ ...both, metadata: '' }, false)).toHaveProperty('metadataUrl', 'https://m');
  });

  it('leaves an empty secret of a change out', () => {
    expect(bodyOf(fresh('google'), true)).not.toHaveProperty('clientSecret');
    expect(bodyOf(fresh('google'), false)).toHaveProperty('clientSecret', '');
  });
});

describe('domains', () => {
  it('are told apart by commas, blanks and lines', () => {
    expect(domainsOf(' a.example,\nb.example ; c.example ')).toEqual(['a.example', 'b.example', 'c.example']);
    expect(domainsOf('')).toEqual([]);
  });
});
