import type { ChangeEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { Field, TextField } from '../../components/Field';
import form from '../../components/form.module.css';
import { useAsk } from '../../rest/useRest';
import type { Program } from '../../rest/types';
import { nameIn, type DraftFields } from './draft';

interface ProgramFieldsProps {
  machine: string;
  fields: DraftFields;
  set: (part: Partial<DraftFields>) => void;
}

/** A program: where it goes, and its text, typed or from a file. */
export function ProgramFields({ machine, fields, set }: ProgramFieldsProps) {
  const { t } = useTranslation();
  const { data } = useAsk<{ programs: Program[] }>(machine === '' ? null : `/machines/${machine}/programs`);
  const folders = [...new Set(data?.programs.map(({ name }) => name.slice(0, name.lastIndexOf('/') + 1)) ?? [])];
  const read = async (event: ChangeEvent<HTMLInputElement>) => {
    const file = event.target.files?.[0];
    if (file === undefined) return;
    // Controls know one byte per letter.
    const text = new TextDecoder('latin1').decode(await file.arrayBuffer());
    const name = nameIn(text);
    set({ text, ...(name === undefined ? {} : { name }) });
  };
  return (
    <div className={form.form}>
      <div className={form.row}>
        <TextField
          label={t('changes.programName')}
          help={t('changes.programNameHelp')}
          value={fields.name}
          onChange={(name) => set({ name })}
          required
          maxLength={32}
          pattern="O[0-9]{4,8}|[A-Za-z0-9_.+\-]{1,32}"
        />
        <Field label={t('changes.folder')} help={t('changes.folderHelp')}>
          {(ids) => (
            <>
              <input
                {...ids}
                className={form.input}
                list="draft-folders"
                value={fields.folder}
                onChange={(event) => set({ folder: event.target.value })}
              />
              <datalist id="draft-folders">
                {folders.map((folder) => (
                  <option key={folder} value={folder} />
                ))}
              </datalist>
            </>
          )}
        </Field>
        <Field label={t('changes.file')} help={t('changes.fileHelp')}>
          {(ids) => (
            <input {...ids} type="file" className={form.input} accept=".nc,.txt,.tap,.cnc,.ngc,.mpf,text/plain" onChange={(event) => void read(event)} />
          )}
        </Field>
      </div>
      <Field label={t('programs.text')}>
        {(ids) => (
          <textarea
            {...ids}
            className={`${form.input} ${form.code}`}
            rows={16}
            spellCheck={false}
            value={fields.text}
            required
            onChange={(event) => set({ text: event.target.value })}
          />
        )}
      </Field>
    </div>
  );
}
