import { useTranslation } from 'react-i18next';
import form from '../../../../components/form.module.css';
import { Copyable } from '../../keys/Copyable';
import type { Kind, Providers } from './types';

/** What to enter at the provider: the steps there, and the texts to take along. */
export function AtProvider({ kind, places }: { kind: Kind; places: Providers }) {
  const { t } = useTranslation();
  const texts =
    kind === 'saml'
      ? [
          { label: t('sso.assertionConsumer'), text: places.assertionConsumer },
          { label: t('sso.entityId'), text: places.entityId },
        ]
      : [{ label: t('sso.redirectAddress'), text: places.redirectAddress }];
  return (
    <div className={form.form}>
      <p className={form.why}>{t(`sso.guide.${kind}`)}</p>
      {texts.map(({ label, text }) => (
        <div key={label} className={form.field}>
          <span className={form.label}>{label}</span>
          <Copyable text={text} label={label} />
        </div>
      ))}
    </div>
  );
}
