import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { BASELINE_IDS, type BaselineId } from './baseline-method.js';
import { TRACKS, type Track } from './scenes.js';
import { checkSource, SOURCES, type Source } from './sources.js';
import { SPLITS, type Split } from './splits.js';

export const METHOD_IDS = ['vedette', ...BASELINE_IDS] as const;
export type MethodId = 'vedette' | BaselineId;

const FITS = ['candidates', 'tracks'] as const;
export type Fit = (typeof FITS)[number];

export interface Options {
  readonly split: Split;
  /** Several only to fit to. */
  readonly sources: readonly Source[];
  /** How many marks are looked for: each size is measured on the same clips. */
  readonly galleries: readonly number[];
  /** Per track. */
  readonly clips: number;
  readonly tracks: readonly Track[];
  readonly methods: readonly MethodId[];
  /** Configurations of the analyzer to be measured besides its defaults. */
  readonly variants: readonly Readonly<Record<string, unknown>>[];
  /** Folder of models to try instead of the shipped ones. */
  readonly models: string | undefined;
  /** Fits weights of the analyzer to the clips, instead of measuring anything: those of its verification, or of its tracks. */
  readonly fit: Fit | undefined;
  /** The page whose results are to be replaced. */
  readonly write: boolean;
}

export const USAGE =
  'npm run bench:logos -- [--split val|test] [--source ' +
  `${SOURCES.join('|')}] [--clips N] [--tracks O,S] [--gallery 24,100,500] ` +
  `[--methods ${METHOD_IDS.join(',')}] [--ablate '{"key":value}']… [--models DIR] [--fit candidates|tracks] [--write]`;

/** @throws Error with a text for the person who typed it */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      split: { type: 'string', default: 'val' },
      source: { type: 'string', default: 'simple-icons' },
      gallery: { type: 'string', default: '24' },
      clips: { type: 'string', default: '9' },
      tracks: { type: 'string', default: TRACKS.join(',') },
      methods: { type: 'string', default: METHOD_IDS.join(',') },
      ablate: { type: 'string', multiple: true, default: [] },
      models: { type: 'string' },
      fit: { type: 'string' },
      write: { type: 'boolean', default: false },
    },
  });
  const clips = Number(values.clips);
  if (!Number.isInteger(clips) || clips < 1 || clips > 999)
    throw new Error(`--clips ${values.clips}: a whole number of 1 to 999 is needed`);
  const split = one(SPLITS, values.split, '--split');
  const sources = values.source.split(',').map((source) => one(SOURCES, source, '--source'));
  for (const source of sources) checkSource(source, split);
  if (sources.length > 1 && values.fit === undefined) throw new Error(`--source ${values.source}: one at a time is measured`);
  if (values.fit !== undefined && split !== 'val') throw new Error('--fit goes with --split val: nothing is fitted to the test split');
  return {
    split,
    sources,
    galleries: values.gallery.split(',').map(gallerySize),
    clips,
    tracks: values.tracks.split(',').map((track) => one(TRACKS, track, '--tracks')),
    methods: values.methods.split(',').map((method) => one(METHOD_IDS, method, '--methods')),
    variants: values.ablate.map(variant),
    models: values.models === undefined ? undefined : resolve(values.models),
    fit: values.fit === undefined ? undefined : one(FITS, values.fit, '--fit'),
    write: values.write,
  };
}

function one<T extends string>(known: readonly T[], value: string, option: string): T {
  const found = known.find((candidate) => candidate === value);
  if (found === undefined) throw new Error(`${option} ${value}: there are ${known.join(', ')}`);
  return found;
}

function gallerySize(text: string): number {
  const size = Number(text);
  if (!Number.isInteger(size) || size < 1) throw new Error(`--gallery ${text}: whole numbers are needed`);
  return size;
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
