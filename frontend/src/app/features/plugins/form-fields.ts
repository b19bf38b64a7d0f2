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

/**
 * The fields of a contribution's options, from their JSON Schema: one control of ours for each kind.
 * @param lockedBy says where a value is from that is not changed here
 */
export function optionFields(
  formly: Pick<FormlyJsonschema, 'toFieldConfig'>,
  contribution: ContributionWire,
  lockedBy: (source: string) => string,
): FormlyFieldConfig[] {
  const { properties = {} } = contribution.schema as OptionSchema;
  return (
    Object.entries(properties)
      .filter(([key]) => !contribution.secrets.includes(key))
      .map(([key, schema]) => {
        const source = contribution.options[key]?.source ?? 'default';
        return fieldOf(formly, key, schema, isLocked(source) ? lockedBy(source) : null);
      })
      // Groups and JSON are wide: they come after what stands side by side.
      .sort((a, b) => Number(WIDE.includes(a.type as string)) - Number(WIDE.includes(b.type as string)))
  );
}

const WIDE = ['group', 'json'];

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
