import { useTranslation } from 'react-i18next';
import { useViewer } from '../app/useViewer';
import { useAsk } from './useRest';

interface Person {
  id: string;
  name: string;
}

/** Says who an id is: a name, «you», an API key, the gateway; ids of people who left stay as they are. */
export function useWho(): (id: string) => string {
  const { t } = useTranslation();
  const { userId, name } = useViewer();
  const { data } = useAsk<{ people: Person[] }>('/people');
  const names = new Map(data?.people.map((person) => [person.id, person.name]));
  return (id) => {
    if (id === userId && id !== '') return t('who.you', { name });
    if (id.startsWith('k_')) return t('who.key', { id });
    if (id.startsWith('g_') || id === '') return t('who.gateway');
    return names.get(id) ?? id;
  };
}
