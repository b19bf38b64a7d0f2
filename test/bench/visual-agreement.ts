import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { eventAgreement, SAMPLING_S, SIGNAL_STATS, signalPairs, type EventRow } from '../support/visual/agreement.js';
import { pearson, spearman } from '../support/visual/correlation.js';
import { climb, LADDERS } from '../support/visual/strengths.js';
import { EVERYTHING, makeFilm, type FilmOptions } from '../support/visual/timeline.js';
import { watchFilm } from '../support/visual/watch-film.js';
import { AGREEMENT, writeSection } from './page-section.js';

/** `npm run bench:visual [-- --seeds 21,22,23 --photos <folder> --write]`: how far our measures, the truth and ffmpeg agree. */
const { values: options } = parseArgs({
  options: { seeds: { type: 'string', default: '21,22,23' }, photos: { type: 'string' }, write: { type: 'boolean', default: false } },
});
const seeds = options.seeds.split(',').map(Number);
const folder = await mkdtemp(join(tmpdir(), 'vedette-visual-'));
const lines: string[] = [];
const say = (...said: string[]): void => void lines.push(...said);
const two = (value: number): string => value.toFixed(2);

try {
  const photos =
    options.photos === undefined
      ? undefined
      : (await readdir(options.photos)).filter((name) => /\.(jpe?g|png)$/i.test(name)).map((name) => join(options.photos!, name));
  const rows: EventRow[] = [];
  const falseEvents: string[] = [];
  const cuts: { ours: number[][]; scdet: number[][] } = { ours: [], scdet: [] };
  const pairs: Record<string, [number, number][]> = {};
  const climbs = LADDERS.map((ladder) => ({ ladder, vsSteps: [] as number[], vsReference: [] as number[] }));
  let seconds = 0;
  for (const seed of seeds) {
    const film: FilmOptions = {
      seed,
      ...(photos ? { pictures: photos.slice(seed % photos.length).concat(photos.slice(0, seed % photos.length)) } : {}),
    };
    const made = await makeFilm(folder, `film-${seed}`, EVERYTHING, film);
    const watched = await watchFilm(made.path, folder);
    const agreement = await eventAgreement(made, watched);
    seconds += made.seconds;
    rows.push(...agreement.rows);
    falseEvents.push(...agreement.falseEvents.map((event) => `${event} (${seed})`));
    for (const who of ['ours', 'scdet'] as const) cuts[who].push([agreement.cuts[who].precision, agreement.cuts[who].recall]);
    for (const [metric, row] of Object.entries(await signalPairs(made, watched))) (pairs[metric] ??= []).push(...row);
    for (const { ladder, vsSteps, vsReference } of climbs) {
      const { steps, ours, reference } = await climb(folder, ladder, film);
      vsSteps.push(spearman(ours, steps));
      if (reference.length > 0) vsReference.push(spearman(ours, reference));
    }
  }
  const mean = (row: readonly number[]): number => row.reduce((sum, value) => sum + value, 0) / row.length;

  say(
    `${photos ? 'Photographs' : `Generated scenes, seeds ${seeds.join(', ')}`}: ${seeds.length} films, ${seconds} s in all, 640x360, ` +
      '25 pictures a second.',
    '',
  );
  say('| Event | Found | Largest error, in sampling intervals | The same for ffmpeg |', '|---|---|---|---|');
  for (const event of Object.keys(SAMPLING_S)) {
    const those = rows.filter((row) => row.event === event);
    const errors = those.flatMap(({ oursS }) => oursS ?? []);
    const theirs = those.flatMap(({ referenceS }) => referenceS ?? []);
    const reference = those[0]?.reference;
    const compared = reference
      ? `${reference}: ${theirs.length} of ${those.length}, ${theirs.length ? two(Math.max(...theirs) / SAMPLING_S[event]!) : '-'}`
      : 'no such filter';
    say(
      `| \`${event}\` | ${errors.length} of ${those.length} | ${errors.length ? two(Math.max(...errors) / SAMPLING_S[event]!) : '-'} of ${SAMPLING_S[event]} s | ${compared} |`,
    );
  }
  say('', `False events: ${falseEvents.length === 0 ? 'none' : falseEvents.join('; ')}.`, '');
  const score = (row: readonly number[][]): string =>
    `precision ${two(mean(row.map(([p]) => p!)))}, recall ${two(mean(row.map(([, r]) => r!)))}`;
  say(`Cuts, \`scene-change\`: ${score(cuts.ours)}. scdet at its default threshold: ${score(cuts.scdet)}.`, '');
  say('| Metric, per second | signalstats | Pearson r |', '|---|---|---|');
  for (const [metric, stat] of SIGNAL_STATS) {
    const row = pairs[metric]!;
    say(
      `| \`${metric}\` | ${stat} | ${pearson(
        row.map(([a]) => a),
        row.map(([, b]) => b),
      ).toFixed(3)} over ${row.length} s |`,
    );
  }
  say('', '| Metric | Over | Rank correlation with the strength | With ffmpeg |', '|---|---|---|---|');
  for (const { ladder, vsSteps, vsReference } of climbs) {
    const reference =
      ladder.reference === undefined
        ? '-'
        : `${ladder.reference.filter}: ${two(Math.min(...vsReference))} to ${two(Math.max(...vsReference))}`;
    say(`| \`${ladder.metric}\` | ${ladder.name} | ${two(Math.min(...vsSteps))} to ${two(Math.max(...vsSteps))} | ${reference} |`);
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
console.log(lines.join('\n'));
if (options.write) {
  writeSection(new URL('../../docs/reference/analyzers/visual-analysis.md', import.meta.url), AGREEMENT, lines.join('\n'));
}
