import { askFilters, type Said } from './reference-filters.js';
import { makeFilm, type FilmOptions } from './timeline.js';
import { watchFilm } from './watch-film.js';

/** A fault in several strengths, and the measure that should grow with it. */
export interface Ladder {
  readonly name: string;
  readonly metric: string;
  readonly steps: readonly number[];
  /** How a step is made: a filter, or how the film is encoded. */
  readonly filter?: (step: number) => string;
  readonly encoder?: (step: number) => readonly string[];
  /** ffmpeg's filter for the same, and the value it gives. */
  readonly reference?: { readonly filter: string; readonly value: string };
}

export const LADDERS: readonly Ladder[] = [
  {
    name: 'gblur, sigma 0 to 8',
    metric: 'blur',
    steps: [0, 1, 2, 3, 4, 6, 8],
    filter: (sigma) => (sigma === 0 ? 'null' : `gblur=sigma=${sigma}`),
    reference: { filter: 'blurdetect', value: 'lavfi.blur' },
  },
  {
    name: 'x264 without deblocking, crf 20 to 50',
    metric: 'blockiness',
    steps: [20, 26, 32, 38, 44, 50],
    encoder: (crf) => ['-crf', String(crf), '-x264-params', 'no-deblock=1'],
    reference: { filter: 'blockdetect', value: 'lavfi.block' },
  },
  {
    name: 'noise, strength 0 to 32',
    metric: 'noise',
    steps: [0, 4, 8, 16, 24, 32],
    filter: (alls) => (alls === 0 ? 'null' : `noise=alls=${alls}:allf=t`),
  },
];

export interface Climb {
  readonly steps: readonly number[];
  readonly ours: readonly number[];
  readonly reference: readonly number[];
}

/** Climbs a ladder on one scene: what we and ffmpeg's filter say of each step. */
export async function climb(folder: string, ladder: Ladder, options: FilmOptions, steps = ladder.steps): Promise<Climb> {
  const ours: number[] = [];
  const reference: number[] = [];
  for (const step of steps) {
    const part = { seconds: 2.4, ...(ladder.filter ? { filter: ladder.filter(step) } : {}) };
    const encoder = ladder.encoder?.(step);
    const film = await makeFilm(folder, `${ladder.metric}-${options.seed}-${step}`, [part], {
      ...options,
      ...(encoder ? { encoder } : {}),
    });
    const watched = await watchFilm(film.path, folder);
    ours.push(mean(watched.metric(ladder.metric).map(({ value }) => value)));
    if (ladder.reference !== undefined) {
      const said: readonly Said[] = await askFilters(film.path, `select=not(mod(n\\,25)),${ladder.reference.filter}`);
      const value = ladder.reference.value;
      reference.push(mean(said.map(({ values }) => Number(values[value])).filter(Number.isFinite)));
    }
  }
  return { steps, ours, reference };
}

const mean = (row: readonly number[]): number => row.reduce((sum, value) => sum + value, 0) / row.length;
