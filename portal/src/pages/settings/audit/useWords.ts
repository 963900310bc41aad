import { useTranslation } from 'react-i18next';
import { useMachineRows } from '../../../components/useMachineRow';
import { useWho } from '../../../rest/usePeople';
import type { AuditEntry } from './types';

interface Words {
  readonly action: (entry: AuditEntry) => string;
  readonly object: (entry: AuditEntry) => string;
  readonly result: (entry: AuditEntry) => string;
}

/** An entry in words; what has none is said as it stands. */
export function useWords(): Words {
  const { t, i18n } = useTranslation();
  const who = useWho();
  const machines = new Map(useMachineRows().map(({ id, name }) => [id, name]));
  return {
    action: ({ action }) => {
      const key = `audit.actions.${action.replace('.', '_')}`;
      return i18n.exists(key) ? t(key) : action.replaceAll('_', ' ').replace('.', ': ');
    },
    object: ({ object }) => (object.startsWith('u_') ? who(object) : (machines.get(object) ?? object)),
    result: ({ result }) => t(result === 'done' ? 'audit.results.done' : 'audit.results.refused'),
  };
}
