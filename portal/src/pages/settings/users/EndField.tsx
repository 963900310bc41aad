import { useTranslation } from 'react-i18next';
import { TextField } from '../../../components/Field';

/** Until when somebody has access; empty: until somebody ends it. */
export function EndField({ value, onChange }: { value: string; onChange: (date: string) => void }) {
  const { t } = useTranslation();
  return <TextField type="date" label={t('users.ends')} help={t('users.endsHelp')} value={value} onChange={onChange} />;
}
