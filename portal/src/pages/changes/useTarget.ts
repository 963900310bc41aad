import { useTranslation } from 'react-i18next';
import type { Change } from '../../rest/types';

/** Says what a change writes to: «Program O1234», «Parameter 6713 = 100». */
export function useTarget(): (change: Pick<Change, 'operation' | 'target'>) => string {
  const { t } = useTranslation();
  return ({ operation, target }) => {
    const { name = '', number = '', value = '', axis = 0, kind = 0 } = target;
    const says = t(`changes.target.${operation}`, { name, number, value, kind: t(`changes.offset.${kind}`, String(kind)) });
    return operation === 'parameter' && Number(axis) > 0 ? t('changes.onAxis', { says, axis }) : says;
  };
}
