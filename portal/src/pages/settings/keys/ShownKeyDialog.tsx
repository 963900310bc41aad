import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../../../components/Button';
import { Dialog } from '../../../components/Dialog';
import { Segmented } from '../../../components/Segmented';
import { Copyable } from './Copyable';
import styles from './keys.module.css';
import { snippet, type Language } from './snippets';
import type { ShownKey } from './types';

/** The one time a key is seen: to be copied, with a first request that works. */
export function ShownKeyDialog({ shown, onClose }: { shown: ShownKey; onClose: () => void }) {
  const { t } = useTranslation();
  const [language, setLanguage] = useState<Language>('curl');
  return (
    <Dialog
      title={t('keys.shownTitle', { name: shown.key.name })}
      onClose={onClose}
      actions={
        <Button tone="primary" onClick={onClose}>
          {t('keys.stored')}
        </Button>
      }
    >
      <p className={styles.lead}>{t('keys.shownOnce')}</p>
      <Copyable text={shown.secret} label={t('keys.theKey')} />
      <Segmented
        label={t('keys.try')}
        value={language}
        options={[
          { value: 'curl', label: 'curl' },
          { value: 'python', label: 'Python' },
        ]}
        onChange={setLanguage}
      />
      <Copyable key={language} text={snippet(language, window.location.origin, shown.secret)} label={t('keys.try')} />
    </Dialog>
  );
}
