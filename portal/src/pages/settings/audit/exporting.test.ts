import { expect, test } from 'vitest';
import type { Session } from '../../../app/session';
import { exported } from './exporting';

const session = { accessToken: () => 'token' } as Session;
const PARTS: Record<string, string> = {
  '/v1/audit/export': '{"tenant":"t"}\n{"entry":{"seq":1}}\n{"more":"1.a"}\n',
  '/v1/audit/export?cursor=1.a': '{"entry":{"seq":2}}\n{"end":{"entries":2}}\n',
};

test('parts are joined to one file without what joins them', async () => {
  const ask = (path: string) => Promise.resolve(new Response(PARTS[path] ?? '', { status: path in PARTS ? 200 : 400 }));
  expect(await exported(session, ask as typeof fetch)).toBe(
    '{"tenant":"t"}\n{"entry":{"seq":1}}\n{"entry":{"seq":2}}\n{"end":{"entries":2}}\n',
  );
});

test('a part that fails makes no file', async () => {
  const ask = () => Promise.resolve(new Response('{}', { status: 503 }));
  await expect(exported(session, ask as typeof fetch)).rejects.toThrow('503');
});
