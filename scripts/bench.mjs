// npm run bench [-- P1 memory …]: makes this machine ready, then prints how much more than the bare work everything costs here.
import { ensureBuilt } from './lib/build.mjs';
import { ensureDependencies } from './lib/dependencies.mjs';
import { runFromSource } from './lib/from-source.mjs';
import { ensurePrograms } from './lib/programs.mjs';
import { main } from './lib/project.mjs';

await main(async () => {
  await ensureDependencies();
  await ensurePrograms(['ffmpeg']);
  await ensureBuilt();
  await runFromSource('test/bench/main.ts', process.argv.slice(2));
});
