// npm test: makes this machine ready, then runs every check. `npm test -- unit lint` runs the named ones only.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { ensureBuilt } from './lib/build.mjs';
import { ensureDependencies } from './lib/dependencies.mjs';
import { Outputs } from './lib/outputs.mjs';
import { ensurePrograms, TEST_PROGRAMS } from './lib/programs.mjs';
import { main, npm, PINNED_NODE, projectEnvironment, Refusal, ROOT, run } from './lib/project.mjs';
import { failuresIn, failureText, filesOf } from './lib/vitest-report.mjs';

const program =
  (path, ...args) =>
  (options) =>
    run(PINNED_NODE, [join(ROOT, 'node_modules', path), ...args], { env: projectEnvironment(), ...options });
const reports = mkdtempSync(join(tmpdir(), 'vedette-test-'));
process.once('exit', () => rmSync(reports, { recursive: true, force: true }));
const vitest =
  (project, ...args) =>
  async (options) => {
    const report = join(reports, `${project.replace(/\W/g, '')}-${args.join('').replace(/\W/g, '')}.json`);
    rmSync(report, { force: true });
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
    const ended = await program('vitest/vitest.mjs', 'run', '--project', project, ...reporters, ...args)(options);
    return { ...ended, failures: failuresIn(existsSync(report) ? readFileSync(report, 'utf8') : '', ROOT) };
  };
/** They only compute: without a deadline of their own, they take what time the others leave. */
const patient = (step) => (options) => step({ ...options, isPatient: true });

/** Each takes `show`, which takes its output. A step that fails does not keep the others from running: one run tells everything. */
const STEPS = {
  build: async ({ show }) => {
    try {
      await ensureBuilt(undefined, show);
      return { code: 0, output: '' };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      show(`${error.message}\n`);
      return { code: error.exitCode, output: '' };
    }
  },
  e2e: vitest('e2e'),
  faults: vitest('faults'),
  /** Only when named: it takes minutes, and what it finds the steps above find too, if not as surely. */
  netns: vitest('netns'),
  obs: vitest('obs'),
  machines: vitest('machines'),
  frontend: (options) =>
    npm(['test', '--workspace', 'frontend'], { env: projectEnvironment({ NG_CLI_ANALYTICS: 'false', CI: 'true' }), ...options }),
  unit: vitest('unit*'),
  contract: vitest('contract'),
  'integration 1/2': vitest('integration', '--shard=1/2'),
  'integration 2/2': vitest('integration', '--shard=2/2'),
  lint: patient(program('eslint/bin/eslint.js', '.', '--max-warnings', '0')),
  types: patient((options) => npm(['run', 'typecheck'], { env: projectEnvironment(), ...options })),
  format: patient(program('prettier/bin/prettier.cjs', '--check', '.', '--log-level', 'warn')),
  boundaries: patient(program('dependency-cruiser/bin/dependency-cruiser.mjs', '--config', '.dependency-cruiser.cjs', 'src')),
};
const ONLY_WHEN_NAMED = new Set(['netns', 'obs', 'machines']);
/**
 * They stream, wait and kill in real time beside everything else: the files of them that failed are run once more, one after the other and
 * with the machine to themselves. What passes then is told as unsteady; what does not has failed.
 */
const IN_REAL_TIME = new Set(['e2e', 'faults', 'integration']);
/** More than these is no matter of a busy machine. */
const TRIED_AGAIN_AT_MOST = 4;

/**
 * Lanes run side by side, the steps of each in order: what streams in real time mostly waits, and others compute meanwhile. The longest
 * step is in two of them, by halves.
 */
const LANES = [
  ['e2e', 'netns', 'machines', 'contract'],
  ['frontend', 'unit', 'integration 1/2', 'faults'],
  ['lint', 'types', 'format', 'boundaries', 'integration 2/2'],
];
/** Its name, and which part of it. */
const partOf = (name) => name.split(' ');
const RUNS_WHAT_IS_BUILT = new Set(['integration', 'e2e', 'faults', 'netns', 'machines']);
const NAMES = [...new Set(Object.keys(STEPS).map((name) => partOf(name)[0]))];

await main(async () => {
  const named = process.argv.slice(2);
  const unknown = named.find((name) => !NAMES.includes(name));
  if (unknown !== undefined) throw new Refusal(`There is no step ${unknown}; there are ${NAMES.join(', ')}`, 2);
  const isChosen = (name) => (named.length === 0 ? !ONLY_WHEN_NAMED.has(name) : named.includes(partOf(name)[0]));

  await ensureDependencies();
  await ensurePrograms(TEST_PROGRAMS);
  const outputs = new Outputs();
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));
  const startedAtMs = performance.now();
  const check = async (name) => {
    const stepStartedAtMs = performance.now();
    const { show, end } = outputs.begin(name);
    const { code, output, failures = [] } = await STEPS[name]({ show });
    end();
    return { name, ok: code === 0, failures, seconds: (performance.now() - stepStartedAtMs) / 1000, ...counts(code, output) };
  };
  /** @returns the result, where all that failed in it passes alone */
  const triedAgain = async (result) => {
    const project = partOf(result.name)[0];
    const files = filesOf(result.failures);
    if (result.ok || !IN_REAL_TIME.has(project) || result.failures.length !== result.failed || files.length > TRIED_AGAIN_AT_MOST)
      return result;
    const unsteady = [];
    for (const file of files) {
      const { show, end } = outputs.begin(`${file}, once more and alone`);
      const { code } = await vitest(project, file)({ show });
      end();
      if (code !== 0) return result;
      unsteady.push(...result.failures.filter((failure) => failure.file === file));
    }
    return { ...result, ok: true, failures: [], unsteady, passed: result.passed + result.failed, failed: 0 };
  };
  const built = isChosen('build') ? check('build') : undefined;
  const lanes = LANES.map(async (lane) => {
    const results = [];
    for (const name of lane.filter(isChosen)) {
      if (RUNS_WHAT_IS_BUILT.has(partOf(name)[0])) await built;
      results.push(await check(name));
    }
    return results;
  });
  const results = [];
  for (const result of (await Promise.all([built ?? [], ...lanes])).flat()) results.push(await triedAgain(result));

  tell(
    'Unsteady: failed beside the others, passed alone',
    results.flatMap(({ unsteady = [] }) => unsteady),
  );
  tell(
    'Failed',
    results.flatMap(({ failures }) => failures),
  );
  process.stdout.write('\n');
  for (const { name, ok, seconds, passed, failed } of results) {
    process.stdout.write(
      `${ok ? 'ok  ' : 'FAIL'}  ${name.padEnd(15)} ${seconds.toFixed(1).padStart(6)} s  ${passed} passed, ${failed} failed\n`,
    );
  }
  const sum = (key) => results.reduce((total, result) => total + result[key], 0);
  const seconds = (performance.now() - startedAtMs) / 1000;
  process.stdout.write(`\n${sum('passed')} passed, ${sum('failed')} failed in ${seconds.toFixed(0)} s\n`);
  process.exitCode = results.every(({ ok }) => ok) ? 0 : 1;
});

function tell(heading, failures) {
  if (failures.length > 0) process.stdout.write(`\n${heading}\n${failures.map(failureText).join('')}`);
}

/** Tests as the step counts them; a step without tests is one check. A step that broke down counts as failed whatever passed. */
function counts(code, output) {
  const summary = stripVTControlCharacters(output).match(/^\s*Tests\s+(.*)$/m)?.[1];
  if (summary === undefined) return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
  const count = (word) => Number(summary.match(new RegExp(`(\\d+) ${word}`))?.[1] ?? 0);
  return { passed: count('passed'), failed: Math.max(count('failed'), code === 0 ? 0 : 1) };
}
