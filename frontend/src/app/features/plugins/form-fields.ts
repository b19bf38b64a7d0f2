import type { FormlyFieldConfig } from '@ngx-formly/core';
import type { FormlyJsonschema } from '@ngx-formly/core/json-schema';
import type { ContributionWire } from '../../api/models';
import { controlOf, optionTitle, type OptionSchema } from './option-schema';
import { isLocked } from './settings-draft';

type JsonSchema = Parameters<FormlyJsonschema['toFieldConfig']>[0];

/** What a field of ours needs beyond formly's own. */
export interface OptionProps {
  /** As the config file has it. */
  readonly optionKey: string;
  /** Where its value is from, when the dashboard cannot change it. */
  readonly lockedBy: string | null;
}

/** What the form says of its own. */
export interface FormWords {
  /** Where a value is from that is not changed here. */
  lockedBy(source: string): string;
  more(count: number): string;
}

/**
 * The fields of a contribution's options, from their JSON Schema: one control of ours for each kind. Those that have no default and are
 * not set come last, folded.
 */
export function optionFields(
  formly: Pick<FormlyJsonschema, 'toFieldConfig'>,
  contribution: ContributionWire,
  words: FormWords,
): FormlyFieldConfig[] {
  const { properties = {} } = contribution.schema as OptionSchema;
  const sourceOf = (key: string): string => contribution.options[key]?.source ?? 'default';
  const fieldsOf = (entries: readonly (readonly [string, OptionSchema])[]): FormlyFieldConfig[] =>
    entries
      .map(([key, schema]) => fieldOf(formly, key, schema, isLocked(sourceOf(key)) ? words.lockedBy(sourceOf(key)) : null))
      // Groups and JSON are large: they come after what stands side by side.
      .sort((a, b) => Number(LARGE.includes(a.type as string)) - Number(LARGE.includes(b.type as string)));
  const open = Object.entries(properties).filter(([key]) => !contribution.secrets.includes(key));
  const isUsual = ([key, schema]: readonly [string, OptionSchema]): boolean => schema.default !== undefined || sourceOf(key) !== 'default';
  const [usual, others] = [open.filter(isUsual), open.filter((entry) => !isUsual(entry))];
  if (usual.length === 0) return fieldsOf(others);
  const more: FormlyFieldConfig = { type: 'more', props: { label: words.more(others.length) }, fieldGroup: fieldsOf(others) };
  return [...fieldsOf(usual), ...(others.length === 0 ? [] : [more])];
}

const LARGE = ['group', 'json'];

function fieldOf(
  formly: Pick<FormlyJsonschema, 'toFieldConfig'>,
  key: string,
  schema: OptionSchema,
  lockedBy: string | null,
): FormlyFieldConfig {
  const control = controlOf(schema);
  // Formly reads ranges, patterns and choices; what it has no control for it need not read.
  const made: FormlyFieldConfig =
    control === 'json' || control === 'lines' || control === 'group' ? {} : formly.toFieldConfig(schema as JsonSchema);
  const props = {
    ...made.props,
    label: optionTitle(key),
    description: schema.description ?? '',
    optionKey: key,
    lockedBy,
    disabled: lockedBy !== null,
    ...(schema.type === 'integer' ? { step: schema.multipleOf ?? 1 } : {}),
  };
  const inner =
    control === 'group'
      ? { fieldGroup: Object.entries(schema.properties ?? {}).map(([name, property]) => fieldOf(formly, name, property, lockedBy)) }
      : {};
  const { defaultValue: _, ...rest } = made;
  return { ...rest, ...inner, key: [key], type: control, props };
}
