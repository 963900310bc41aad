import { useId, useMemo } from 'react';
import { Field } from './Field';
import form from './form.module.css';

/** The zone of this browser, which is where most newcomers stand. */
export const ownTimeZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

interface TimeZoneFieldProps {
  label: string;
  help?: string;
  value: string;
  onChange: (value: string) => void;
}

/** An IANA time zone, typed with suggestions. */
export function TimeZoneField({ label, help, value, onChange }: TimeZoneFieldProps) {
  const list = useId();
  const zones = useMemo(() => Intl.supportedValuesOf('timeZone'), []);
  return (
    <Field label={label} {...(help === undefined ? {} : { help })}>
      {(ids) => (
        <>
          <input
            {...ids}
            className={form.input}
            list={list}
            required
            maxLength={64}
            value={value}
            onChange={(event) => onChange(event.target.value)}
          />
          <datalist id={list}>
            {zones.map((zone) => (
              <option key={zone} value={zone} />
            ))}
          </datalist>
        </>
      )}
    </Field>
  );
}
