import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { background, BACKGROUNDS, clipOfSound, mixed, type Background } from '../support/sound/background.js';
import { sameSeconds, speechAgreement, type SpeechAgreement } from '../support/sound/speech-agreement.js';
import { spoken } from '../support/sound/spoken.js';
import { watchFilm } from '../support/visual/watch-film.js';
import { median, quantile } from './quantiles.js';
import { AGREEMENT, writeSection } from './page-section.js';

/** `npm run bench:speech [-- --seeds 31,32,33 --seconds 120 --write]`: how far the speech analyzer agrees with who spoke when. */
const { values: options } = parseArgs({
  options: {
    seeds: { type: 'string', default: '31,32,33' },
    seconds: { type: 'string', default: '120' },
    write: { type: 'boolean', default: false },
  },
});
const seeds = options.seeds.split(',').map(Number);
const seconds = Number(options.seconds);
const SNRS_DB = [20, 10, 5, 0] as const;
const ANALYZER = 'visual-analysis.speech';
const folder = await mkdtemp(join(tmpdir(), 'vedette-speech-'));
const cpuMsPerS: number[] = [];

async function heard(sound: Float32Array, clauses: Parameters<typeof speechAgreement>[1]): Promise<SpeechAgreement> {
  const clip = join(folder, 'clip.ts');
  await clipOfSound(clip, sound);
  const watched = await watchFilm(clip, folder, ({ definition }) => definition.id === ANALYZER);
  cpuMsPerS.push(watched.cpuMsPerS[ANALYZER]!);
  return speechAgreement(watched, clauses);
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const ms = (errorS: number): string => (errorS * 1000).toFixed(0);
const spread = (errorsS: readonly number[]): string =>
  `${ms(median(errorsS))} (${ms(quantile(errorsS, 0.05))} to ${ms(quantile(errorsS, 0.95))})`;
const sumOf = (those: readonly SpeechAgreement[], of: (one: SpeechAgreement) => number): number =>
  those.reduce((sum, one) => sum + of(one), 0);

function row(under: string, snr: string, those: readonly SpeechAgreement[], clauseCount: number): string {
  const shares = those.flatMap((one) => one.shares);
  const error = shares.reduce((sum, share) => sum + Math.abs(share.said - share.true), 0) / shares.length;
  const onsets = those.flatMap(({ onsetErrorsS }) => onsetErrorsS);
  const offsets = those.flatMap(({ offsetErrorsS }) => offsetErrorsS);
  const found = clauseCount === 0 ? '-' : `${clauseCount - sumOf(those, ({ missed }) => missed)} of ${clauseCount}`;
  const [begins, ends] = onsets.length === 0 ? ['-', '-'] : [spread(onsets), spread(offsets)];
  const wrong = [({ split }) => split, ({ joined }) => joined, ({ falseEvents }) => falseEvents] satisfies ((
    one: SpeechAgreement,
  ) => number)[];
  const extra = wrong.map((of) => sumOf(those, of)).join(' / ');
  return `| ${under} | ${snr} | ${percent(sameSeconds(shares))} | ${error.toFixed(3)} | ${found} | ${begins} | ${ends} | ${extra} |`;
}

const lines: string[] = [];
try {
  const talks = [];
  for (const seed of seeds) talks.push(await spoken(seed, seconds, folder));
  const clauseCount = talks.reduce((sum, { clauses }) => sum + clauses.length, 0);
  lines.push(
    `${clauseCount} clauses of six eSpeak NG voices in ${(seeds.length * seconds) / 60} minutes (seeds ${seeds.join(', ')}).`,
    '',
    '| Over | SNR | Seconds that agree | Mean error of the share | Clauses found | Beginning, ms | End, ms | Split / joined / false |',
    '|---|---|---|---|---|---|---|---|',
  );
  const clean: SpeechAgreement[] = [];
  for (const { sound, clauses } of talks) clean.push(await heard(sound, clauses));
  lines.push(row('nothing', '-', clean, clauseCount));
  for (const name of Object.keys(BACKGROUNDS) as Background[]) {
    const under = await background(name, seconds);
    for (const snrDb of SNRS_DB) {
      const those: SpeechAgreement[] = [];
      for (const { sound, clauses } of talks) those.push(await heard(mixed(sound, under, clauses, snrDb), clauses));
      lines.push(row(name, `${snrDb} dB`, those, clauseCount));
    }
    lines.push(row(name, 'no speech', [await heard(under, [])], 0));
  }
  lines.push('', `CPU, decode left out: ${median(cpuMsPerS).toFixed(1)} ms per second of sound.`);
} finally {
  await rm(folder, { recursive: true, force: true });
}
console.log(lines.join('\n'));
if (options.write) {
  writeSection(new URL('../../docs/reference/analyzers/sound-analysis.md', import.meta.url), AGREEMENT, lines.join('\n'));
}
