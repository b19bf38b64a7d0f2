// npm run bench:speech [-- --seeds 31,32 --seconds 120 --write]: how far the speech analyzer agrees with who spoke when.
import { ensureDependencies } from './lib/dependencies.mjs';
import { runFromSource } from './lib/from-source.mjs';
import { ensurePrograms } from './lib/programs.mjs';
import { main } from './lib/project.mjs';

await main(async () => {
  await ensureDependencies();
  await ensurePrograms(['ffmpeg', 'espeak']);
  await runFromSource('test/bench/speech-agreement.ts', process.argv.slice(2));
});
