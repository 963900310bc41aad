/** What is entered for a new change, and the target that the API takes (docs/write-gate.md, 3). */
import type { Operation, Target, Version } from '../../rest/types';

export const OPERATIONS: readonly Operation[] = ['program', 'parameter', 'offset', 'macro'];
export const PARAMETER_TYPES = ['byte', 'word', '2-word', 'real'] as const;
export const OFFSET_KINDS = ['0', '1', '2', '3'] as const;
const FOLDER = '//CNC_MEM/USER/PATH1/';

export interface DraftFields {
  readonly folder: string;
  readonly name: string;
  readonly text: string;
  readonly number: string;
  readonly value: string;
  readonly axis: string;
  readonly type: (typeof PARAMETER_TYPES)[number];
  readonly kind: (typeof OFFSET_KINDS)[number];
}

/** A draft of a version goes to where the version is. */
export function emptyDraft(version: (Pick<Version, 'name'> & { text: string }) | undefined): DraftFields {
  const name = version?.name ?? '';
  const cut = name.lastIndexOf('/') + 1;
  return {
    folder: version === undefined ? FOLDER : name.slice(0, cut),
    name: name.slice(cut),
    text: version?.text ?? '',
    number: '',
    value: '',
    axis: '0',
    type: '2-word',
    kind: '0',
  };
}

const DECIMAL = /^-?[0-9]+(\.[0-9]+)?$/;
const WHOLE = /^[0-9]{1,8}$/;
const NAME = /^(O[0-9]{4,8}|[A-Za-z0-9_.+-]{1,32})$/;

export function ready(operation: Operation, fields: DraftFields): boolean {
  if (operation === 'program') return NAME.test(fields.name) && fields.text.trim() !== '';
  return WHOLE.test(fields.number) && DECIMAL.test(fields.value.trim()) && WHOLE.test(fields.axis);
}

export function targetOf(operation: Operation, fields: DraftFields): Target {
  const number = Number(fields.number);
  const value = fields.value.trim();
  switch (operation) {
    case 'program':
      return { path: 1, folder: fields.folder, name: fields.name };
    case 'parameter':
      return { number, axis: Number(fields.axis), type: fields.type, value };
    case 'offset':
      return { number, kind: Number(fields.kind), value };
    case 'macro':
      return { number, value };
  }
}

/** The name that a program gives itself in its first words: `O1234`. */
export const nameIn = (text: string): string | undefined => /^[%\s]*(O[0-9]{4,8})/.exec(text)?.[1];
