import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';

/** The browser tab says which page this is. */
export function usePageTitle(title: string): void {
  const { t } = useTranslation();
  useEffect(() => {
    document.title = t('pageTitle', { title });
  }, [t, title]);
}
