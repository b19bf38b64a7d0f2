import type { ValueTransformer } from 'typeorm';

/** For `bigint` columns whose values stay below 2^53: the driver hands them over as text. */
export const WHOLE_NUMBER: ValueTransformer = {
  to: (value: unknown) => value,
  from: (value: string | null) => (value === null ? null : Number(value)),
};
