import type { JsonObject, JsonValue } from '../plugin-api/index.js';

/** What a run leaves for the next segment: the analyzer's own checkpoint, and what the stage behind it keeps. */
export interface RunState {
  readonly analyzer?: JsonValue;
  readonly tracking?: JsonValue;
  /** By rule: its revision and state. */
  readonly rules?: Readonly<Record<string, readonly [revision: number, state: JsonValue]>>;
}

const MARK = '$run';
const VERSION = 1;

/** A checkpoint's parts. One that carries no mark is the analyzer's alone: it was written before there were others, or needed none. */
export function readRunState(checkpoint: JsonValue | undefined): RunState {
  if (checkpoint === undefined) return {};
  if (typeof checkpoint !== 'object' || checkpoint === null || Array.isArray(checkpoint) || checkpoint[MARK] !== VERSION)
    return { analyzer: checkpoint };
  const { analyzer, tracking, rules } = checkpoint;
  return {
    ...(analyzer === undefined ? {} : { analyzer }),
    ...(tracking === undefined ? {} : { tracking }),
    ...(isRules(rules) ? { rules } : {}),
  };
}

/** @returns undefined when there is nothing to keep; the analyzer's checkpoint as it is when there is nothing else */
export function writeRunState({ analyzer, tracking, rules }: RunState): JsonValue | undefined {
  const hasRules = rules !== undefined && Object.keys(rules).length > 0;
  if (tracking === undefined && !hasRules) return analyzer;
  return {
    [MARK]: VERSION,
    ...(analyzer === undefined ? {} : { analyzer }),
    ...(tracking === undefined ? {} : { tracking }),
    ...(hasRules ? { rules: rules as unknown as JsonObject } : {}),
  };
}

function isRules(value: JsonValue | undefined): value is JsonObject & Record<string, [number, JsonValue]> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((entry) => Array.isArray(entry) && entry.length === 2 && Number.isSafeInteger(entry[0]));
}
