import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { BASELINE_IDS, type BaselineId } from './baseline-method.js';
import { TRACKS, type Track } from './scenes.js';
import { SPLITS, type Split } from './splits.js';

export const METHOD_IDS = ['vedette', ...BASELINE_IDS] as const;
export type MethodId = 'vedette' | BaselineId;

export interface Options {
  readonly split: Split;
  /** Per track. */
  readonly clips: number;
  readonly tracks: readonly Track[];
  readonly methods: readonly MethodId[];
  /** Configurations of the analyzer to be measured besides its defaults. */
  readonly variants: readonly Readonly<Record<string, unknown>>[];
  /** Folder of models to try instead of the shipped ones. */
  readonly models: string | undefined;
  /** The page whose results are to be replaced. */
  readonly write: boolean;
}

export const USAGE =
  'npm run bench:logos -- [--split val|test] [--clips N] [--tracks O,S] ' +
  `[--methods ${METHOD_IDS.join(',')}] [--ablate '{"key":value}']… [--models DIR] [--write]`;

/** @throws Error with a text for the person who typed it */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      split: { type: 'string', default: 'val' },
      clips: { type: 'string', default: '9' },
      tracks: { type: 'string', default: TRACKS.join(',') },
      methods: { type: 'string', default: METHOD_IDS.join(',') },
      ablate: { type: 'string', multiple: true, default: [] },
      models: { type: 'string' },
      write: { type: 'boolean', default: false },
    },
  });
  const clips = Number(values.clips);
  if (!Number.isInteger(clips) || clips < 1 || clips > 999)
    throw new Error(`--clips ${values.clips}: a whole number of 1 to 999 is needed`);
  return {
    split: one(SPLITS, values.split, '--split'),
    clips,
    tracks: values.tracks.split(',').map((track) => one(TRACKS, track, '--tracks')),
    methods: values.methods.split(',').map((method) => one(METHOD_IDS, method, '--methods')),
    variants: values.ablate.map(variant),
    models: values.models === undefined ? undefined : resolve(values.models),
    write: values.write,
  };
}

function one<T extends string>(known: readonly T[], value: string, option: string): T {
  const found = known.find((candidate) => candidate === value);
  if (found === undefined) throw new Error(`${option} ${value}: there are ${known.join(', ')}`);
  return found;
}

function variant(text: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed as Record<string, unknown>;
  } catch {
    // said below
  }
  throw new Error(`--ablate ${text}: a JSON object of the analyzer's configuration is needed`);
}
