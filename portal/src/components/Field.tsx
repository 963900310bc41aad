import { useId, type ChangeEvent, type HTMLInputTypeAttribute, type ReactNode } from 'react';
import form from './form.module.css';

interface FieldProps {
  label: string;
  help?: string;
  /** Gets the id that the label points to, and that of the help. */
  children: (ids: { id: string; 'aria-describedby': string | undefined }) => ReactNode;
}

/** A label, something to enter, and a line of help. */
export function Field({ label, help, children }: FieldProps) {
  const id = useId();
  const described = help === undefined ? undefined : `${id}-help`;
  return (
    <div className={form.field}>
      <label className={form.label} htmlFor={id}>
        {label}
      </label>
      {children({ id, 'aria-describedby': described })}
      {help === undefined ? null : (
        <p id={described} className={form.help}>
          {help}
        </p>
      )}
    </div>
  );
}

interface TextFieldProps {
  label: string;
  help?: string;
  value: string;
  onChange: (value: string) => void;
  type?: HTMLInputTypeAttribute;
  required?: boolean;
  maxLength?: number;
  min?: number;
  max?: number;
  step?: number;
  pattern?: string;
  placeholder?: string;
  autoComplete?: string;
  inputMode?: 'numeric' | 'decimal';
}

export function TextField({ label, help, onChange, type = 'text', ...rest }: TextFieldProps) {
  return (
    <Field label={label} {...(help === undefined ? {} : { help })}>
      {(ids) => (
        <input
          {...ids}
          {...rest}
          type={type}
          className={form.input}
          onChange={(event: ChangeEvent<HTMLInputElement>) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}

interface SelectFieldProps<Value extends string> {
  label: string;
  help?: string;
  value: Value;
  options: readonly { value: Value; label: string }[];
  onChange: (value: Value) => void;
}

export function SelectField<Value extends string>({ label, help, value, options, onChange }: SelectFieldProps<Value>) {
  return (
    <Field label={label} {...(help === undefined ? {} : { help })}>
      {(ids) => (
        <select {...ids} className={form.input} value={value} onChange={(event) => onChange(event.target.value as Value)}>
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
