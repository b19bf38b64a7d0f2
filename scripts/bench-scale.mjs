// npm run bench:scale [-- P7 P10 --backends postgres --streams 1,64 …]: what streams, queue and ledger cost and carry on this machine.
import { join } from 'node:path';
import { ensureBuilt } from './lib/build.mjs';
import { ensureDependencies } from './lib/dependencies.mjs';
import { ensurePrograms } from './lib/programs.mjs';
import { main, PINNED_NODE, projectEnvironment, ROOT, run } from './lib/project.mjs';

await main(async () => {
  await ensureDependencies();
  await ensurePrograms(['redis']);
  await ensureBuilt(['server']);
  const fromBuild = [
    '--experimental-transform-types',
    '--disable-warning=ExperimentalWarning',
    '--import',
    './test/bench/scale/run-from-build.mjs',
  ];
  const bench = join(ROOT, 'test', 'bench', 'scale', 'main.ts');
  const { code } = await run(PINNED_NODE, [...fromBuild, bench, ...process.argv.slice(2)], { env: projectEnvironment() });
  process.exitCode = code;
});
