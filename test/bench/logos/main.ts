import logoPlugin from '../../../src/plugins/logo-detection/index.js';
import { BaselineMethod } from './baseline-method.js';
import { fitEvidence } from './fit-evidence.js';
import { galleryOf } from './gallery.js';
import { machineFacts } from './machine.js';
import type { Method } from './method.js';
import { readOptions, USAGE, type Options } from './options.js';
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

const { split, source, clips, tracks, galleries } = options;
const folder = await brandImages(source, split);
const material = new Map<string, Awaited<ReturnType<typeof scenes>>>();
for (const track of tracks) material.set(track, await scenes(track, source, split, clips, folder));

if (options.fit) {
  await fitEvidence([...material.values()].flat(), await galleryOf(folder, galleries[0]!), options.models);
  process.exit();
}

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

function methods({ methods: wanted, variants, models }: Options): Method[] {
  const definition = logoPlugin.analyzers?.[0];
  if (definition === undefined) throw new Error('The plugin has no analyzer');
  const ours = new VedetteMethod(definition, {}, models);
  const { sampling } = ours.input;
  // Whoever is compared looks at the same frames.
  const fps = 'fps' in sampling ? sampling.fps : undefined;
  return [
    ...wanted.flatMap((id): Method[] => (id === 'vedette' ? [ours] : [new BaselineMethod(id, fps)])),
    ...variants.map((changes) => new VedetteMethod(definition, changes, models)),
  ];
}
