/** What a problem+json document says. */
import type { Problem } from '../gql/problems';

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** The problem in a problem+json document; a body that is none still has its status. */
export function problemFrom(status: number, body: string): Problem {
  let document: Record<string, unknown>;
  try {
    document = JSON.parse(body) as Record<string, unknown>;
  } catch {
    return { code: `http.${status}`, message: `HTTP ${status}`, todo: '', requestId: '' };
  }
  return {
    code: text(document['code']) || `http.${status}`,
    message: text(document['title']) || `HTTP ${status}`,
    seen: text(document['seen']),
    expected: text(document['expected']),
    todo: text(document['todo']),
    requestId: text(document['requestId']),
  };
}
