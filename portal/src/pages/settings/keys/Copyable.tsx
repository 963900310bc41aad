import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../../../components/Button';
import styles from './keys.module.css';

/** A text to take along, and a button that takes it. */
export function Copyable({ text, label }: { text: string; label: string }) {
  const { t } = useTranslation();
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
  };
  return (
    <div className={styles.copyable}>
      <pre className={styles.code} tabIndex={0} aria-label={label}>
        <code>{text}</code>
      </pre>
      <Button onClick={() => void copy()}>{copied ? t('keys.copied') : t('keys.copy')}</Button>
      <span className={styles.unseen} role="status">
        {copied ? t('keys.copied') : ''}
      </span>
    </div>
  );
}
