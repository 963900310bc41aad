import { useTranslation } from 'react-i18next';

/** `<component>.<type>[.<subtype>]`; the number of a component («s2») is told only where there may be several. */
const KEY = /^([a-z]+?)(\d*)\.(.+)$/;

/** Says the name of a signal: «Spindle load» for `s1.load`. Unknown parts are shown as the key has them. */
export function useSignalName(): (key: string) => string {
  const { t, i18n } = useTranslation();
  return (key) => {
    const [, component = '', number = '', rest = ''] = KEY.exec(key) ?? [];
    if (rest === '') return key;
    const what = `signal.type.${rest.replaceAll('.', '_')}`;
    const where = `signal.component.${component}`;
    const type = i18n.exists(what) ? t(what) : rest.replace(/^x_/, '').replaceAll(/[._]/g, ' ');
    const place = i18n.exists(where) ? t(where) : component;
    return number === '' || number === '1'
      ? t('signal.name', { place, type })
      : t('signal.numbered', { place, number, type });
  };
}
