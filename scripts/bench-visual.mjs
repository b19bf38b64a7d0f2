// npm run bench:visual [-- --seeds 11,12 --photos <folder> --write]: how far the picture measures agree with ffmpeg's filters and the truth.
import { ensureDependencies } from './lib/dependencies.mjs';
import { runFromSource } from './lib/from-source.mjs';
import { ensurePrograms } from './lib/programs.mjs';
import { main } from './lib/project.mjs';

await main(async () => {
  await ensureDependencies();
  await ensurePrograms(['ffmpeg']);
  await runFromSource('test/bench/visual-agreement.ts', process.argv.slice(2));
});
