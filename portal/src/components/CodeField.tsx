import { useTranslation } from 'react-i18next';
import { TextField } from './Field';

export const CODE_LENGTH = 6;

interface CodeFieldProps {
  help: string;
  value: string;
  onChange: (value: string) => void;
}

/** The six digits of an authenticator; phones offer them by themselves. */
export function CodeField(props: CodeFieldProps) {
  const { t } = useTranslation();
  return (
    <TextField
      {...props}
      label={t('account.code')}
      inputMode="numeric"
      pattern="[0-9]{6}"
      maxLength={CODE_LENGTH}
      autoComplete="one-time-code"
      required
    />
  );
}
