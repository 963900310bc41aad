import { Menu } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../components/Icon';
import { useSignalName } from '../../components/useSignalName';
import type { SignalInfo } from '../../gql/types';
import styles from './SignalPicker.module.css';

interface PickerProps {
  signals: readonly SignalInfo[];
  picked: readonly string[];
  onChange: (keys: readonly string[]) => void;
}

/** Which signals are drawn, in the order of the machine. */
export function SignalPicker({ signals, picked, onChange }: PickerProps) {
  const { t } = useTranslation();
  const nameOf = useSignalName();
  if (signals.length === 0) return null;
  const toggle = (key: string) => {
    onChange(picked.includes(key) ? picked.filter((one) => one !== key) : [...picked, key]);
  };
  return (
    <Menu closeOnItemClick={false} position="bottom-end" width={280} transitionProps={{ duration: 0 }}>
      <Menu.Target>
        <button type="button" className={styles.button}>
          {t('signals.chosen', { count: picked.length })}
          <span className={styles.arrow}>
            <Icon name="chevron" size={14} />
          </span>
        </button>
      </Menu.Target>
      <Menu.Dropdown className={styles.list ?? ''}>
        {signals.map(({ key }) => (
          <Menu.Item
            key={key}
            role="menuitemcheckbox"
            aria-checked={picked.includes(key)}
            onClick={() => toggle(key)}
            rightSection={picked.includes(key) ? <Icon name="check" size={16} /> : null}
          >
            {nameOf(key)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
