import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Session } from '../app/session';
import { useSession } from '../app/SessionContext';
import { useViewer } from '../app/useViewer';
import { createRest } from './client';

interface Known {
  readonly id: string;
  readonly name: string;
  readonly role: string;
  readonly told: boolean;
}
type People = ReadonlyMap<string, Known>;

const NOBODY: People = new Map();
/** Asked once for a session, however many lists tell names. */
const asked = new WeakMap<Session, Promise<People>>();

function peopleFor(session: Session): Promise<People> {
  const known = asked.get(session);
  if (known !== undefined) return known;
  const asking = createRest(session)
    .get<{ people: Known[] }>('/people')
    .then(({ people }): People => new Map(people.map((known) => [known.id, known])));
  asked.set(session, asking);
  // Ids are shown meanwhile; the next page asks again.
  asking.catch(() => asked.delete(session));
  return asking;
}

/**
 * What the people of the shop are called by id, none until they are known: a role, or a name where the company has names
 * switched on and the person agreed.
 */
export function useNames(): ReadonlyMap<string, string> {
  const { t } = useTranslation();
  const session = useSession();
  const [people, setPeople] = useState(NOBODY);
  useEffect(() => {
    peopleFor(session).then(setPeople, () => undefined);
  }, [session]);
  return new Map(
    [...people.values()].map(({ id, name, role, told }) => [id, told && name !== '' ? name : t(`roles.name.${role}`, role)]),
  );
}

/** Says who an id is: what people are called, «you», an API key, the gateway; ids of people who are gone stay. */
export function useWho(): (id: string) => string {
  const { t } = useTranslation();
  const { userId, name } = useViewer();
  const names = useNames();
  return (id) => {
    if (id === userId && id !== '') return t('who.you', { name });
    if (id.startsWith('k_')) return t('who.key', { id });
    if (id === 'operator') return t('who.operator');
    if (id.startsWith('g_') || id === '') return t('who.gateway');
    return names.get(id) ?? id;
  };
}
