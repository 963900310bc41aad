import { useTranslation } from 'react-i18next';
import { SelectField, TextField } from '../../components/Field';
import form from '../../components/form.module.css';
import type { Operation } from '../../rest/types';
import { OFFSET_KINDS, PARAMETER_TYPES, type DraftFields } from './draft';

interface ValueFieldsProps {
  operation: Exclude<Operation, 'program'>;
  fields: DraftFields;
  set: (part: Partial<DraftFields>) => void;
}

/** One parameter, tool offset or macro variable and its new value. */
export function ValueFields({ operation, fields, set }: ValueFieldsProps) {
  const { t } = useTranslation();
  return (
    <div className={form.form}>
      <div className={form.row}>
        <TextField
          label={t('changes.field.number')}
          value={fields.number}
          onChange={(number) => set({ number })}
          type="number"
          min={0}
          max={99_999_999}
          required
        />
        {operation === 'parameter' ? (
          <>
            <SelectField
              label={t('changes.field.type')}
              value={fields.type}
              options={PARAMETER_TYPES.map((value) => ({ value, label: value }))}
              onChange={(type) => set({ type })}
            />
            <TextField
              label={t('changes.field.axis')}
              help={t('changes.axisHelp')}
              value={fields.axis}
              onChange={(axis) => set({ axis })}
              type="number"
              min={0}
              max={32}
              required
            />
          </>
        ) : null}
        {operation === 'offset' ? (
          <SelectField
            label={t('changes.field.kind')}
            value={fields.kind}
            options={OFFSET_KINDS.map((value) => ({ value, label: t(`changes.offset.${value}`) }))}
            onChange={(kind) => set({ kind })}
          />
        ) : null}
        <TextField
          label={t('changes.field.value')}
          help={t('changes.valueHelp')}
          value={fields.value}
          onChange={(value) => set({ value })}
          inputMode="decimal"
          required
          maxLength={64}
        />
      </div>
      {operation === 'parameter' ? <p className={form.why}>{t('changes.parameterNote')}</p> : null}
    </div>
  );
}
