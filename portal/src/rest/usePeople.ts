import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Session } from '../app/session';
import { useSession } from '../app/SessionContext';
import { useViewer } from '../app/useViewer';
import { createRest } from './client';

type Names = ReadonlyMap<string, string>;

const NOBODY: Names = new Map();
/** Asked once for a session, however many lists tell names. */
const asked = new WeakMap<Session, Promise<Names>>();

function namesFor(session: Session): Promise<Names> {
  const known = asked.get(session);
  if (known !== undefined) return known;
  const asking = createRest(session)
    .get<{ people: { id: string; name: string }[] }>('/people')
    .then(({ people }): Names => new Map(people.map(({ id, name }) => [id, name])));
  asked.set(session, asking);
  // Ids are shown meanwhile; the next page asks again.
  asking.catch(() => asked.delete(session));
  return asking;
}

/** Names of the people of the shop by id; none until they are known. */
export function useNames(): Names {
  const session = useSession();
  const [names, setNames] = useState(NOBODY);
  useEffect(() => {
    namesFor(session).then(setNames, () => undefined);
  }, [session]);
  return names;
}

/** Says who an id is: a name, «you», an API key, the gateway; ids of people who left stay as they are. */
export function useWho(): (id: string) => string {
  const { t } = useTranslation();
  const { userId, name } = useViewer();
  const names = useNames();
  return (id) => {
    if (id === userId && id !== '') return t('who.you', { name });
    if (id.startsWith('k_')) return t('who.key', { id });
    if (id.startsWith('g_') || id === '') return t('who.gateway');
    return names.get(id) ?? id;
  };
}
