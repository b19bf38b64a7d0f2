import { parseArgs } from 'node:util';
import { evaluate } from './evaluate.js';
import { SPLITS, type Split } from './material.js';
import type { Reader, ReaderRun } from './readers.js';
import { textScenes } from './scenes.js';
import { TESSERACT_DEFAULTS, TesseractReader, tesseractVersion, type TesseractOptions } from './tesseract-reader.js';
import type { TextClip } from './truth.js';
import { VedetteReader } from './vedette-reader.js';

const { values } = parseArgs({
  options: {
    split: { type: 'string', default: 'val' },
    clips: { type: 'string', default: '12' },
    /** Configurations to be measured besides the defaults. */
    ablate: { type: 'string', multiple: true, default: [] },
    /** The same for Tesseract: mode, enlarged, minConfidence. */
    tesseract: { type: 'string', multiple: true, default: [] },
  },
});
const split = SPLITS.find((known) => known === values.split) as Split | undefined;
if (split === undefined) throw new Error(`--split ${values.split}: there are ${SPLITS.join(', ')}`);

const clips = await textScenes(split, Number(values.clips));
const residentBefore = process.memoryUsage.rss();
const ours = await VedetteReader.open();
const resident = (process.memoryUsage.rss() - residentBefore) / 2 ** 20;
const readers: Reader[] = [ours];
for (const changes of values.ablate) readers.push(await VedetteReader.open(JSON.parse(changes) as Record<string, unknown>));
const tesseract = tesseractVersion();
if (tesseract === undefined) process.stderr.write('Tesseract is not installed (apt-get install tesseract-ocr): nothing to compare with.\n');
else {
  const changes = values.tesseract.map((text) => JSON.parse(text) as Partial<TesseractOptions>);
  for (const change of [{}, ...changes]) readers.push(new TesseractReader(ours.input, { ...TESSERACT_DEFAULTS, ...change }));
}

console.log(
  `${clips.length} clips of 6 s, split ${split}; ${tesseract ?? 'no Tesseract'}; Node.js ${process.versions.node}; ` +
    `the networks take ${resident.toFixed(0)} MiB\n`,
);
console.log('| Reader | Characters right | Word precision | Word recall | Word F1 | F1 at 0.6 / 1.5 / 4 Mbit/s | CPU per frame |');
console.log('|---|---|---|---|---|---|---|');
for (const reader of readers) {
  console.log(await row(reader, clips));
  await reader.close();
}

async function row(reader: Reader, all: readonly TextClip[]): Promise<string> {
  const runs: (ReaderRun & { readonly clip: TextClip })[] = [];
  for (const clip of all) runs.push({ clip, ...(await reader.read(clip)) });
  const { characterAccuracy, wordPrecision, wordRecall, wordF1 } = evaluate(runs.flatMap(({ frames }) => frames));
  const byRate = [600, 1_500, 4_000].map((kbps) =>
    evaluate(runs.filter(({ clip }) => clip.truth.bitrateKbps === kbps).flatMap(({ frames }) => frames)).wordF1.toFixed(2),
  );
  const cpuMs = runs.reduce((sum, run) => sum + run.cpuMs, 0) / runs.reduce((sum, { frames }) => sum + frames.length, 0);
  const figures = [characterAccuracy, wordPrecision, wordRecall, wordF1].map((value) => value.toFixed(3));
  return `| ${[reader.name, ...figures, byRate.join(' / '), `${cpuMs.toFixed(0)} ms`].join(' | ')} |`;
}
