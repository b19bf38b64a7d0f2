import type { AnalyzerDefinition } from 'vedette/plugin';
import logoPlugin from '../../../src/plugins/logo-detection/index.js';
import { BaselineMethod } from './baseline-method.js';
import { fitCandidates } from './fit-candidates.js';
import type { FitClips } from './fit-report.js';
import { fitTracks } from './fit-tracks.js';
import { galleryOf } from './gallery.js';
import { machineFacts } from './machine.js';
import type { Method } from './method.js';
import { readOptions, USAGE, type Fit, type Options } from './options.js';
import { bitrateTable, table, type Result } from './results-table.js';
import { writeResults } from './results-page.js';
import { scenes } from './scenes.js';
import { brandImages } from './sources.js';
import { VedetteMethod } from './vedette-method.js';

const args = process.argv.slice(2);
let options: Options;
try {
  options = readOptions(args);
} catch (error) {
  console.error(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
  process.exit(2);
}

const { split, sources, clips, tracks, galleries, models } = options;
if (options.fit !== undefined) {
  await fit(options.fit);
  process.exit();
}
const source = sources[0]!;
const folder = await brandImages(source, split);
const material = new Map<string, Awaited<ReturnType<typeof scenes>>>();
for (const track of tracks) material.set(track, await scenes(track, source, split, clips, folder));

const results: Result[] = [];
for (const size of galleries) {
  const gallery = await galleryOf(folder, size);
  for (const method of methods(options)) {
    const name = galleries.length > 1 ? `${method.name}, ${size} logos` : method.name;
    for (const track of tracks) {
      results.push({ method: { name, threshold: method.threshold }, track, runs: await method.run(material.get(track)!, gallery) });
      process.stderr.write(`${table(results.slice(-1)).split('\n').at(-1)}\n`);
    }
  }
}
results.sort((a, b) => tracks.indexOf(a.track) - tracks.indexOf(b.track));

const command = ['npm run bench:logos --', ...args].join(' ');
const facts = `\`${command}\`: ${clips} clips of 6 s per track, ${galleries.join(', ')} logos, ${machineFacts()}.`;
const markdown = [facts, table(results), bitrateTable(results)].join('\n\n');
console.log(markdown);
if (options.write) console.log(`\nWritten to ${writeResults(source, split, galleries.length > 1, markdown)}`);

/** Clips of several sources each have their own gallery. */
async function fit(what: Fit): Promise<void> {
  const sets: FitClips[] = [];
  for (const from of sources) {
    const marks = await brandImages(from, split);
    const made = [];
    for (const track of tracks) made.push(...(await scenes(track, from, split, clips, marks)));
    sets.push({ clips: made, gallery: await galleryOf(marks, galleries[0]!) });
  }
  await (what === 'candidates' ? fitCandidates(sets, models) : fitTracks(definition(), sets, models));
}

function definition(): AnalyzerDefinition {
  const analyzer = logoPlugin.analyzers?.[0];
  if (analyzer === undefined) throw new Error('The plugin has no analyzer');
  return analyzer;
}

function methods({ methods: wanted, variants }: Options): Method[] {
  const ours = new VedetteMethod(definition(), {}, models);
  const { sampling } = ours.input;
  // Whoever is compared looks at the same frames.
  const fps = 'fps' in sampling ? sampling.fps : undefined;
  return [
    ...wanted.flatMap((id): Method[] => (id === 'vedette' ? [ours] : [new BaselineMethod(id, fps)])),
    ...variants.map((changes) => new VedetteMethod(definition(), changes, models)),
  ];
}
