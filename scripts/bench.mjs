// npm run bench [-- P1 memory …]: makes this machine ready, then prints how much more than the bare work everything costs here.
import { join } from 'node:path';
import { ensureBuilt } from './lib/build.mjs';
import { ensureDependencies } from './lib/dependencies.mjs';
import { ensurePrograms } from './lib/programs.mjs';
import { main, PINNED_NODE, projectEnvironment, ROOT, run } from './lib/project.mjs';

await main(async () => {
  await ensureDependencies();
  await ensurePrograms(['ffmpeg']);
  await ensureBuilt();
  const fromSource = [
    '--experimental-transform-types',
    '--disable-warning=ExperimentalWarning',
    '--conditions=vedette-source',
    '--import',
    './test/support/analysis/run-from-source.mjs',
  ];
  const { code } = await run(PINNED_NODE, [...fromSource, join(ROOT, 'test', 'bench', 'main.ts'), ...process.argv.slice(2)], {
    env: projectEnvironment(),
  });
  process.exitCode = code;
});
