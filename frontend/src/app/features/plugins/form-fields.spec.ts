import type { FormlyFieldConfig } from '@ngx-formly/core';
import { describe, expect, it } from 'vitest';
import type { ContributionWire } from '../../api/models';
import { optionFields } from './form-fields';

const SCHEMA = {
  properties: {
    tracking: { type: 'object', default: {}, properties: { minHits: { type: 'integer', default: 2 } } },
    minScore: { type: 'number', default: 0.4, description: 'Least score' },
    size: { type: 'integer', multipleOf: 32, default: 64 },
    names: { type: 'array', items: { type: 'string' } },
    token: { type: 'string' },
  },
};
const contribution = (sources: Record<string, string> = {}): ContributionWire =>
  ({
    kind: 'analyzer',
    id: 'look',
    schema: SCHEMA,
    secrets: ['token'],
    options: Object.fromEntries(Object.entries(sources).map(([key, source]) => [key, { value: 1, source }])),
  }) as unknown as ContributionWire;
const formly = { toFieldConfig: (): FormlyFieldConfig => ({ props: { max: 1 }, defaultValue: 9 }) };
const words = { lockedBy: (source: string) => `in the ${source}`, more: (count: number) => `${count} more` };
const shape = (fields: FormlyFieldConfig[]): unknown[] => fields.map(({ key, type }) => [(key as string[] | undefined)?.[0], type]);

describe(optionFields.name, () => {
  it('has a control for each option, large ones last, those without default folded, and none for a secret', () => {
    const fields = optionFields(formly, contribution(), words);
    expect(shape(fields)).toEqual([
      ['minScore', 'number'],
      ['size', 'number'],
      ['tracking', 'group'],
      [undefined, 'more'],
    ]);
    expect(fields.at(-1)?.props?.label).toBe('1 more');
    expect(shape(fields.at(-1)!.fieldGroup!)).toEqual([['names', 'lines']]);
    expect(shape(fields[2]!.fieldGroup!)).toEqual([['minHits', 'number']]);
  });

  it('shows what is set, folded or not, and locks what the file sets, with all that is in it', () => {
    const fields = optionFields(formly, contribution({ names: 'dashboard', tracking: 'file' }), words);
    expect(shape(fields)).toContainEqual(['names', 'lines']);
    const group = fields.find(({ type }) => type === 'group')!;
    expect(group.props).toMatchObject({ lockedBy: 'in the file', disabled: true });
    expect(group.fieldGroup![0]!.props).toMatchObject({ disabled: true });
  });

  it('keeps what formly reads of a schema, but no value of its own', () => {
    const [minScore, size] = optionFields(formly, contribution(), words);
    expect(minScore).toMatchObject({ props: { max: 1, label: 'Min score', description: 'Least score', optionKey: 'minScore' } });
    expect(minScore).not.toHaveProperty('defaultValue');
    expect(size?.props?.step).toBe(32);
  });
});
