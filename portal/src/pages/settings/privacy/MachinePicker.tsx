import { useTranslation } from 'react-i18next';
import { SelectField } from '../../../components/Field';
import { useAsk } from '../../../rest/useRest';

interface MachinePickerProps {
  value: string;
  onChange: (id: string) => void;
}

/** One of the company's machines; nothing is chosen at first. */
export function MachinePicker({ value, onChange }: MachinePickerProps) {
  const { t } = useTranslation();
  const { data } = useAsk<{ machines: { id: string; name: string }[] }>('/machines');
  const options = [{ value: '', label: t('privacy.pickMachine') }, ...(data?.machines ?? []).map(({ id, name }) => ({ value: id, label: name }))];
  return <SelectField label={t('privacy.machine')} value={value} options={options} onChange={onChange} />;
}
