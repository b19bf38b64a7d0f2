import { askFilters, marked, meanOfSecond, spansWhere, type Said, type Span } from './reference-filters.js';
import { FPS, HEIGHT_PX, WIDTH_PX, type Film } from './timeline.js';
import type { Watched } from './watch-film.js';

/** Seconds between two pictures that the event's analyzer looks at, with its defaults; 0 is a cut's own exactness. */
export const SAMPLING_S: Readonly<Record<string, number>> = {
  black: 0.2,
  frozen: 0.2,
  'test-bars': 0.2,
  'plain-field': 0.2,
  overexposed: 0.2,
  underexposed: 0.2,
  letterbox: 1,
  pillarbox: 1,
  blurred: 1,
  interlaced: 1,
  noisy: 1,
  flashing: 1 / FPS,
  // Light swings at 4 Hz there: nothing says where a cycle begins but the cycle itself.
  flicker: 0.25,
};

/** Events that are true of a part for another reason than its own: bars stand still, flashes are flicker. */
const ALSO_TRUE: readonly (readonly [string, string])[] = [
  ['test-bars', 'frozen'],
  ['plain-field', 'frozen'],
  ['flashing', 'flicker'],
];

export interface EventRow {
  readonly event: string;
  readonly truth: Span;
  /** Largest error of start and end in seconds; null where it was missed. */
  readonly oursS: number | null;
  readonly reference: string | null;
  readonly referenceS: number | null;
}

export interface EventAgreement {
  readonly rows: readonly EventRow[];
  /** Events of ours where nothing of the kind was. */
  readonly falseEvents: readonly string[];
  readonly cuts: { readonly ours: CutScore; readonly scdet: CutScore };
}

export interface CutScore {
  readonly precision: number;
  readonly recall: number;
}

/** Holds the events of a film against what happens in it, and ffmpeg's filters with them. */
export async function eventAgreement(film: Film, watched: Watched): Promise<EventAgreement> {
  const said = await askFilters(
    film.path,
    'blackdetect=d=0.5:pix_th=0.1,freezedetect=n=-50dB:d=2,scdet=t=10,cropdetect=limit=24:round=2:reset=1,idet',
  );
  const references = referenceSpans(said, film.seconds);
  const rows = film.truths.map((truth): EventRow => {
    const spans = watched.events.filter(({ name }) => name === truth.event);
    const reference = references[truth.event];
    return {
      event: truth.event,
      truth,
      oursS: errorS(truth, spans),
      reference: reference?.filter ?? null,
      referenceS: reference === undefined ? null : errorS(truth, reference.spans),
    };
  });
  const isTrue = (event: { name: string } & Span): boolean =>
    film.truths.some(
      (truth) =>
        overlap(truth, event) > 0 &&
        (truth.event === event.name || ALSO_TRUE.some(([part, also]) => part === truth.event && also === event.name)),
    );
  const falseEvents = watched.events
    .filter((event) => event.name !== 'scene-change' && !isTrue(event))
    .map(({ name, fromS, toS }) => `${name} ${fromS.toFixed(2)} to ${toS.toFixed(2)}`);
  const flashing = film.truths.filter(({ event }) => event === 'flashing');
  // Every flash looks like a cut to a detector that sees every frame: those are not held against it.
  const outside = (atS: number): boolean => !flashing.some(({ fromS, toS }) => atS > fromS + 0.02 && atS < toS - 0.02);
  const ours = watched.events.filter(({ name }) => name === 'scene-change').map(({ fromS }) => fromS);
  const scdet = said.flatMap(({ values }) => (values['lavfi.scd.time'] === undefined ? [] : [Number(values['lavfi.scd.time'])]));
  return {
    rows,
    falseEvents,
    cuts: { ours: cutScore(film.cutsS, ours.filter(outside)), scdet: cutScore(film.cutsS, scdet.filter(outside)) },
  };
}

function referenceSpans(said: readonly Said[], endS: number): Record<string, { filter: string; spans: Span[] } | undefined> {
  const crop = (values: Said['values'], first: 'x1' | 'y1', last: 'x2' | 'y2', size: number): boolean => {
    const [near, far] = [Number(values[`lavfi.cropdetect.${first}`]), size - 1 - Number(values[`lavfi.cropdetect.${last}`])];
    return near > 2 && far > 2 && near + far >= 0.04 * size && near + far < size;
  };
  return {
    black: { filter: 'blackdetect', spans: marked(said, 'lavfi.black_start', 'lavfi.black_end', endS) },
    frozen: { filter: 'freezedetect', spans: marked(said, 'lavfi.freezedetect.freeze_start', 'lavfi.freezedetect.freeze_end', endS) },
    letterbox: { filter: 'cropdetect', spans: spansWhere(said, (values) => crop(values, 'y1', 'y2', HEIGHT_PX), 1) },
    pillarbox: { filter: 'cropdetect', spans: spansWhere(said, (values) => crop(values, 'x1', 'x2', WIDTH_PX), 1) },
    interlaced: {
      filter: 'idet',
      spans: spansWhere(said, (values) => /tff|bff/.test(values['lavfi.idet.multiple.current_frame'] ?? ''), 1, 2.5),
    },
  };
}

const overlap = (a: Span, b: Span): number => Math.min(a.toS, b.toS) - Math.max(a.fromS, b.fromS);

function errorS(truth: Span, spans: readonly Span[]): number | null {
  const best = [...spans].filter((span) => overlap(truth, span) > 0).sort((a, b) => overlap(truth, b) - overlap(truth, a))[0];
  return best === undefined ? null : Math.max(Math.abs(best.fromS - truth.fromS), Math.abs(best.toS - truth.toS));
}

/** A cut is found when one is reported within a sampling interval of it. */
function cutScore(truths: readonly number[], found: readonly number[]): CutScore {
  const near = (a: number, row: readonly number[]): boolean => row.some((b) => Math.abs(a - b) <= 0.2 + 1e-6);
  return {
    precision: found.length === 0 ? 1 : found.filter((at) => near(at, truths)).length / found.length,
    recall: truths.filter((at) => near(at, found)).length / truths.length,
  };
}

/** Our metrics beside signalstats' of the same seconds. */
export const SIGNAL_STATS = [
  ['brightness', 'YAVG'],
  ['shadows', 'YLOW'],
  ['highlights', 'YHIGH'],
  ['saturation', 'SATAVG'],
  ['motion', 'YDIF'],
] as const;

/** Pairs of values of the same seconds of a film, ours and signalstats', by metric; the same five pictures a second. */
export async function signalPairs(film: Film, watched: Watched): Promise<Record<string, [number, number][]>> {
  const said = await askFilters(film.path, 'select=not(mod(n\\,5)),signalstats');
  return Object.fromEntries(
    SIGNAL_STATS.map(([metric, stat]) => {
      // The first second is short on the stream's clock, and its first picture has no motion for us and one for the filter.
      const ours = watched.metric(metric).slice(1, -1);
      return [metric, ours.map(({ atS, value }) => [value, meanOfSecond(said, `lavfi.signalstats.${stat}`, atS)])];
    }),
  );
}
