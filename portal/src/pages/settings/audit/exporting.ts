import type { Session } from '../../../app/session';

/** The whole log as lines of JSON: parts are asked for one after another and joined without what joins them. */
export async function exported(session: Session, ask: typeof fetch = fetch): Promise<string> {
  const parts: string[] = [];
  let cursor = '';
  for (;;) {
    const query = cursor === '' ? '' : `?cursor=${encodeURIComponent(cursor)}`;
    const headers = { authorization: `Bearer ${session.accessToken()}` };
    const answer = await ask(`/v1/audit/export${query}`, { headers, signal: AbortSignal.timeout(60_000) });
    if (!answer.ok) throw new Error(`${answer.status}`);
    const text = await answer.text();
    const last = text.trimEnd().split('\n').at(-1) ?? '';
    const said = JSON.parse(last) as { more?: string };
    if (said.more === undefined) return [...parts, text].join('');
    parts.push(text.slice(0, text.lastIndexOf(last)));
    cursor = said.more;
  }
}

/** Hands a text to the person as a file. */
export function save(text: string, name: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: 'application/x-ndjson' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
