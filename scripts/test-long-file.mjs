// npm run test:long-file: imports and analyses an hour of video across a pause and a kill -9. The suite does the same with 20 s.
import { join } from 'node:path';
import { ensureBuilt } from './lib/build.mjs';
import { ensureDependencies } from './lib/dependencies.mjs';
import { main, PINNED_NODE, projectEnvironment, ROOT, run } from './lib/project.mjs';

await main(async () => {
  await ensureDependencies();
  await ensureBuilt(['server']);
  const vitest = [join(ROOT, 'node_modules/vitest/vitest.mjs'), 'run', '--project', 'faults', 'test/faults/import.e2e-spec.ts'];
  const { code } = await run(PINNED_NODE, vitest, { env: projectEnvironment({ TEST_FILE_SECONDS: '3600' }) });
  process.exitCode = code;
});
