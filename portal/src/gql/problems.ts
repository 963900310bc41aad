/** One shape for everything that can go wrong between page and API. */
import type { CombinedError } from '@urql/core';

export interface Problem {
  /** `<noun>.<reason>` of the API, or one of ours: `network.unreachable`, `api.unknown`. */
  readonly code: string;
  readonly message: string;
  /** What the API saw, and what it would have taken; not every problem has them. */
  readonly seen?: string;
  readonly expected?: string;
  readonly todo: string;
  readonly requestId: string;
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

export function problemOf(error: CombinedError): Problem {
  if (error.networkError) {
    return { code: 'network.unreachable', message: '', todo: '', requestId: '' };
  }
  const first = error.graphQLErrors[0];
  const extensions = first?.extensions ?? {};
  return {
    code: text(extensions['code']) || 'api.unknown',
    message: text(first?.message),
    todo: text(extensions['todo']),
    requestId: text(extensions['requestId'] ?? extensions['request_id']),
  };
}

/** Code and HTTP status of a refusal; an error of one field among data has a code alone. */
export function refusalOf(error: CombinedError): { code: string; status: number | undefined } {
  const { status } = (error.response ?? {}) as { status?: number };
  return { code: problemOf(error).code, status };
}
