// npm test: makes this machine ready, then runs every check. `npm test -- unit lint` runs the named ones only.
import { join } from 'node:path';
import { ensureBuilt } from './lib/build.mjs';
import { ensureDependencies } from './lib/dependencies.mjs';
import { ensurePrograms, TEST_PROGRAMS } from './lib/programs.mjs';
import { main, npm, PINNED_NODE, projectEnvironment, Refusal, ROOT, run } from './lib/project.mjs';

const program =
  (path, ...args) =>
  () =>
    run(PINNED_NODE, [join(ROOT, 'node_modules', path), ...args], { env: projectEnvironment(), capture: true });
const vitest = (project) => program('vitest/vitest.mjs', 'run', '--project', project);

/** In order; a step that fails does not keep the others from running, so that one run tells everything. */
const STEPS = {
  format: program('prettier/bin/prettier.cjs', '--check', '.', '--log-level', 'warn'),
  lint: program('eslint/bin/eslint.js', '.', '--max-warnings', '0'),
  types: () => npm(['run', 'typecheck'], { env: projectEnvironment(), capture: true }),
  boundaries: program('dependency-cruiser/bin/dependency-cruiser.mjs', '--config', '.dependency-cruiser.cjs', 'src'),
  build: async () => {
    try {
      await ensureBuilt();
      return { code: 0, output: '' };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      process.stderr.write(`${error.message}\n`);
      return { code: error.exitCode, output: '' };
    }
  },
  unit: vitest('unit'),
  contract: vitest('contract'),
  integration: vitest('integration'),
  e2e: vitest('e2e'),
  faults: vitest('faults'),
  frontend: () =>
    npm(['test', '--workspace', 'frontend'], { env: projectEnvironment({ NG_CLI_ANALYTICS: 'false', CI: 'true' }), capture: true }),
};

/** Only when named: they take minutes, and what they find the steps above find too, if not as surely. */
const LONG_STEPS = { netns: vitest('netns') };

/** They need neither the build nor a service, and one process each: run together. */
const TOGETHER = new Set(['format', 'lint', 'types', 'boundaries', 'frontend']);

await main(async () => {
  const named = process.argv.slice(2);
  const steps = { ...STEPS, ...LONG_STEPS };
  const unknown = named.find((name) => !(name in steps));
  if (unknown !== undefined) throw new Refusal(`There is no step ${unknown}; there are ${Object.keys(steps).join(', ')}`, 2);
  const chosen = named.length === 0 ? Object.keys(STEPS) : named;

  await ensureDependencies();
  await ensurePrograms(TEST_PROGRAMS);
  const results = [];
  const check = async (name) => {
    const startedAtMs = performance.now();
    const { code, output } = await steps[name]();
    results.push({ name, ok: code === 0, seconds: (performance.now() - startedAtMs) / 1000, ...counts(code, output) });
  };
  const together = chosen.filter((name) => TOGETHER.has(name));
  if (together.length > 0) {
    process.stdout.write(`\n── ${together.join(', ')}\n`);
    await Promise.all(together.map(check));
  }
  for (const name of chosen.filter((one) => !TOGETHER.has(one))) {
    process.stdout.write(`\n── ${name}\n`);
    await check(name);
  }

  process.stdout.write('\n');
  for (const { name, ok, seconds, passed, failed } of results) {
    process.stdout.write(
      `${ok ? 'ok  ' : 'FAIL'}  ${name.padEnd(12)} ${seconds.toFixed(1).padStart(6)} s  ${passed} passed, ${failed} failed\n`,
    );
  }
  const sum = (key) => results.reduce((total, result) => total + result[key], 0);
  process.stdout.write(`\n${sum('passed')} passed, ${sum('failed')} failed\n`);
  process.exitCode = results.every(({ ok }) => ok) ? 0 : 1;
});

/** Tests as the step counts them; a step without tests is one check. A step that broke down counts as failed whatever passed. */
function counts(code, output) {
  // eslint-disable-next-line no-control-regex -- the colours of the reporter
  const summary = output.replace(/\x1b\[[0-9;]*m/g, '').match(/^\s*Tests\s+(.*)$/m)?.[1];
  if (summary === undefined) return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
  const count = (word) => Number(summary.match(new RegExp(`(\\d+) ${word}`))?.[1] ?? 0);
  return { passed: count('passed'), failed: Math.max(count('failed'), code === 0 ? 0 : 1) };
}
