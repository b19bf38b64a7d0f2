import { parseArgs } from 'node:util';

export const BACKENDS = ['postgres', 'redis'] as const;
export type Backend = (typeof BACKENDS)[number];
export const FIGURES = ['P7', 'P8', 'P9', 'P10', 'P15'] as const;
export type Figure = (typeof FIGURES)[number];

export interface ScaleOptions {
  readonly figures: readonly Figure[];
  readonly backends: readonly Backend[];
  /** How many streams at once, each a line of its own. */
  readonly streams: readonly number[];
  /** Pairs of ours and the floor; the median of their ratios is what is told. */
  readonly pairs: number;
  /** Of P7 and P10, per trial, over all streams. */
  readonly segments: number;
  /** How long each step of the figures in real time is measured. */
  readonly seconds: number;
  /** P15: how long no worker is there. */
  readonly outageS: number;
  /** Also tell which statements cost PostgreSQL most. */
  readonly statements: boolean;
}

export const USAGE = `npm run bench:scale [-- FIGURE… [--backends LIST] [--streams LIST] [--pairs N] [--segments N] [--seconds N] [--outage N] [--statements]]

  FIGURE      ${FIGURES.join(', ')}; default all
  --backends  ${BACKENDS.join(', ')}: what carries the queues; default both
  --streams   how many at once; default 1,4,16,64
  --pairs     pairs of ours and the floor; default 5
  --segments  per trial of P7 and P10; default 2000
  --seconds   of each step of P8 and P9, which run in real time; default 60
  --outage    of P15, in seconds; default 60
  --statements  also which statements cost PostgreSQL most`;

/** @throws an error whose message says what is wrong with the arguments */
export function scaleOptions(args: readonly string[]): ScaleOptions {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      backends: { type: 'string', default: BACKENDS.join() },
      streams: { type: 'string', default: '1,4,16,64' },
      pairs: { type: 'string', default: '5' },
      segments: { type: 'string', default: '2000' },
      seconds: { type: 'string', default: '60' },
      outage: { type: 'string', default: '60' },
      statements: { type: 'boolean', default: false },
    },
  });
  return {
    figures: positionals.length === 0 ? FIGURES : positionals.map((name) => oneOf(FIGURES, name)),
    backends: values.backends.split(',').map((name) => oneOf(BACKENDS, name)),
    streams: values.streams.split(',').map((value) => count('streams', value)),
    pairs: count('pairs', values.pairs),
    segments: count('segments', values.segments),
    seconds: count('seconds', values.seconds),
    outageS: count('outage', values.outage),
    statements: values.statements,
  };
}

function oneOf<T extends string>(known: readonly T[], name: string): T {
  const found = known.find((one) => one === name);
  if (found === undefined) throw new Error(`There is no ${name}; there are ${known.join(', ')}`);
  return found;
}

function count(name: string, value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1) throw new Error(`--${name} takes whole numbers above 0, not ${value}`);
  return number;
}
