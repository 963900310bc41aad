import { useTranslation } from 'react-i18next';
import { useMachineRows } from '../../../components/useMachineRow';
import { useWho } from '../../../rest/usePeople';
import type { AuditEntry } from './types';

/** A refusal has the code of an error as its result; what a gateway carried out has its own word for it. */
export const isRefusal = ({ result }: AuditEntry): boolean => result.includes('.') || result === 'refused';

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
    result: (entry) => t(isRefusal(entry) ? 'audit.results.refused' : 'audit.results.done'),
  };
}
