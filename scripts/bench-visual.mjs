// npm run bench:visual [-- --seeds 11,12 --photos <folder> --write]: how far the picture measures agree with ffmpeg's filters and the truth.
import { join } from 'node:path';
import { ensureDependencies } from './lib/dependencies.mjs';
import { ensurePrograms } from './lib/programs.mjs';
import { main, PINNED_NODE, projectEnvironment, ROOT, run } from './lib/project.mjs';

await main(async () => {
  await ensureDependencies();
  await ensurePrograms(['ffmpeg']);
  const fromSource = [
    '--experimental-transform-types',
    '--disable-warning=ExperimentalWarning',
    '--conditions=vedette-source',
    '--import',
    './test/support/analysis/run-from-source.mjs',
  ];
  const { code } = await run(PINNED_NODE, [...fromSource, join(ROOT, 'test', 'bench', 'visual-agreement.ts'), ...process.argv.slice(2)], {
    env: projectEnvironment(),
  });
  process.exitCode = code;
});
