// npm start: makes this machine ready, then runs everything. Second time round it goes straight to running.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ensureBuilt } from './lib/build.mjs';
import { ensureDependencies } from './lib/dependencies.mjs';
import { ensurePrograms } from './lib/programs.mjs';
import { whenNpmIsGone } from './lib/parent-watch.mjs';
import { main, PINNED_NODE, projectEnvironment, ROOT } from './lib/project.mjs';

await main(async () => {
  await ensureDependencies();
  await ensurePrograms(['ffmpeg']);
  await ensureBuilt();
  // The channel tells `up` when this process is killed: then it ends as well.
  const up = spawn(PINNED_NODE, [join(ROOT, 'dist', 'cli', 'main.js'), 'up', ...process.argv.slice(2)], {
    cwd: ROOT,
    env: projectEnvironment(),
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  // Ctrl-C reaches `up` by the terminal as well; it counts signals that come together as one.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => up.kill(signal));
  whenNpmIsGone(() => up.kill('SIGTERM'));
  up.once('exit', (code, signal) => process.exit(code ?? (signal === null ? 1 : 128)));
});
