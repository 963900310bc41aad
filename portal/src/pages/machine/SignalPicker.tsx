import { useTranslation } from 'react-i18next';
import { Icon } from '../../components/Icon';
import { Popover } from '../../components/Popover';
import { useSignalName } from '../../components/useSignalName';
import type { SignalInfo } from '../../gql/types';
import styles from './SignalPicker.module.css';

interface PickerProps {
  signals: readonly SignalInfo[];
  picked: readonly string[];
  onChange: (keys: readonly string[]) => void;
}

/** Which signals are drawn, newly chosen ones last. */
export function SignalPicker({ signals, picked, onChange }: PickerProps) {
  const { t } = useTranslation();
  const nameOf = useSignalName();
  if (signals.length === 0) return null;
  const toggle = (key: string) => {
    onChange(picked.includes(key) ? picked.filter((one) => one !== key) : [...picked, key]);
  };
  const button = (
    <>
      {t('signals.chosen', { count: picked.length })}
      <span className={styles.arrow}>
        <Icon name="chevron" size={14} />
      </span>
    </>
  );
  return (
    <Popover className={styles.button} button={button}>
      <fieldset className={styles.list}>
        <legend className="visually-hidden">{t('signals.title')}</legend>
        {signals.map(({ key }) => (
          <label key={key} className={styles.choice} title={key}>
            <input type="checkbox" checked={picked.includes(key)} onChange={() => toggle(key)} />
            {nameOf(key)}
          </label>
        ))}
      </fieldset>
    </Popover>
  );
}
