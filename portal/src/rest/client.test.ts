import { expect, test, vi } from 'vitest';
import type { Session } from '../app/session';
import { createRest, problemFrom, RestError } from './client';

test('a problem document is told with its sentence, what was seen and what to do', () => {
  const body = { title: 'This step needs another person.', code: 'change.same_person', seen: 'u_1', requestId: 'r' };
  expect(problemFrom(403, JSON.stringify(body))).toEqual({
    code: 'change.same_person',
    message: 'This step needs another person.',
    seen: 'u_1',
    expected: '',
    todo: '',
    requestId: 'r',
  });
});

test('a body that is no document still has its status', () => {
  expect(problemFrom(502, '<html>').code).toBe('http.502');
});

test('a network that is away is a problem of its own', async () => {
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('failed')));
  const rest = createRest({ accessToken: () => 't' } as Session);
  const failed = await rest.get('/changes').catch((error: unknown) => error);
  expect(failed).toBeInstanceOf(RestError);
  expect((failed as RestError).problem.code).toBe('network.unreachable');
  vi.unstubAllGlobals();
});
