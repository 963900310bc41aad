import { expect, test } from 'vitest';
import { emptyDraft, nameIn, ready, targetOf } from './draft';

test('a draft of a version goes to where the version is', () => {
  const fields = emptyDraft({ name: '//CNC_MEM/USER/PATH1/O1234', text: '%' });
  expect(targetOf('program', fields)).toEqual({ path: 1, folder: '//CNC_MEM/USER/PATH1/', name: 'O1234' });
  expect(targetOf('program', emptyDraft({ name: 'O7', text: '' }))).toMatchObject({ folder: '', name: 'O7' });
});

test('values stay the decimal texts that were typed', () => {
  const fields = { ...emptyDraft(undefined), number: '1', value: ' -0.0150 ', kind: '2' } as const;
  expect(targetOf('offset', fields)).toEqual({ number: 1, kind: 2, value: '-0.0150' });
  expect(targetOf('macro', fields)).toEqual({ number: 1, value: '-0.0150' });
  expect(targetOf('parameter', fields)).toEqual({ number: 1, axis: 0, type: '2-word', value: '-0.0150' });
});

test('nothing is sent before it can be right', () => {
  const fields = emptyDraft(undefined);
  expect(ready('program', { ...fields, name: 'O1234', text: '' })).toBe(false);
  expect(ready('program', { ...fields, name: '../x', text: 'M30' })).toBe(false);
  expect(ready('program', { ...fields, name: 'O1234', text: 'M30' })).toBe(true);
  expect(ready('macro', { ...fields, number: '500', value: '1,5' })).toBe(false);
  expect(ready('macro', { ...fields, number: '500', value: '1.5' })).toBe(true);
});

test('a program tells its own name', () => {
  expect(nameIn('%\nO1234 (PART)\nM30')).toBe('O1234');
  expect(nameIn('G0 X0')).toBeUndefined();
});
