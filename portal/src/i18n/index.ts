import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import en from './en.json';

/** The catalogue is part of the build: nothing is fetched before the first page shows. */
export async function startI18n(): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: 'en',
    fallbackLng: 'en',
    resources: { en: { translation: en } },
    interpolation: { escapeValue: false },
  });
}
