import { globSync, readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

// Built-ins are imported by their public name ("vedette/plugin"); this condition maps that name to the source.
const conditions = ['vedette-source', 'node', 'default'];
// One PostgreSQL server per run for the projects that need it.
const postgres = ['test/support/postgres-server.ts'];
/** @param atOnce files under way at once: each has databases, folders and ports of its own, and many of them mostly wait */
const project = (name: string, include: string[], timeoutMs: number, atOnce: number, globalSetup: string[] = []) => ({
  extends: true as const,
  test: {
    name,
    include,
    testTimeout: timeoutMs,
    hookTimeout: Math.max(timeoutMs, 60_000),
    maxWorkers: atOnce,
    globalSetup,
  },
});

const UNITS = [
  'src/**/*.spec.ts',
  'test/repo/**/*.spec.ts',
  'test/support/**/*.spec.ts',
  'test/bench/**/*.spec.ts',
  'plugins-examples/*/src/**/*.spec.ts',
];
/** What stands in for a module does so for all that share it. */
const REPLACING_MODULES = globSync(UNITS).filter((file) => readFileSync(file, 'utf8').includes('vi.mock('));
const MANY_MACHINES = ['test/e2e/many-machines.e2e-spec.ts'];
const apart = (of: ReturnType<typeof project>, exclude: string[]) => ({ ...of, test: { ...of.test, exclude } });
const units = project('unit', UNITS, 15_000, 2);
/** Most of their time went by loading the same modules for each file: those of one worker share them. */
const sharing = (of: ReturnType<typeof project>) => ({
  ...of,
  test: { ...of.test, isolate: false, setupFiles: ['test/support/leave-no-trace.ts'] },
});

export default defineConfig({
  // Vitest hands these to Node as --conditions; 'import' among them would give require() ES modules.
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    environment: 'node',
    pool: 'forks',
    passWithNoTests: false,
    projects: [
      sharing(apart(units, REPLACING_MODULES)),
      project('unit-alone', REPLACING_MODULES, 15_000, 2),
      project('contract', ['src/**/*.contract.ts', 'test/contracts/**/*.contract.ts'], 60_000, 2),
      sharing(project('integration', ['test/integration/**/*.spec.ts'], 120_000, 2, postgres)),
      apart(project('e2e', ['test/e2e/**/*.e2e-spec.ts'], 300_000, 2, postgres), MANY_MACHINES),
      // Not among the steps of `npm test`, since it takes two minutes of every core: `npm run test:machines`.
      project('machines', MANY_MACHINES, 300_000, 1, postgres),
      // Processes are killed here and things wait for each other: a minute says that something hangs.
      project('faults', ['test/faults/**/*.e2e-spec.ts'], 60_000, 2, postgres),
      // Not among the steps of `npm test`: `npm run test:netns`.
      project('netns', ['test/netns/**/*.netns-spec.ts'], 300_000, 1),
      // As little: `npm run test:obs`.
      project('obs', ['test/obs/**/*.obs-spec.ts'], 120_000, 1, postgres),
    ],
  },
});
