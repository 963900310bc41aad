import { useTranslation } from 'react-i18next';

/** The word for a machine kind; kinds this build has no word for are shown as they are. */
export function useKind(kind: string): string {
  const { t, i18n } = useTranslation();
  const key = `kind.${kind}`;
  return i18n.exists(key) ? t(key) : kind.replaceAll('_', ' ');
}
