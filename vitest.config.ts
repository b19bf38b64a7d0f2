import { defineConfig } from 'vitest/config';

// Built-ins are imported by their public name ("vedette/plugin"); this condition maps that name to the source.
const conditions = ['vedette-source', 'node', 'import', 'default'];
const project = (name: string, include: string[], timeoutMs: number, serial: boolean) => ({
  extends: true as const,
  test: {
    name,
    include,
    testTimeout: timeoutMs,
    hookTimeout: Math.max(timeoutMs, 60_000),
    fileParallelism: !serial,
  },
});

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    environment: 'node',
    pool: 'forks',
    passWithNoTests: false,
    projects: [
      project('unit', ['src/**/*.spec.ts', 'test/repo/**/*.spec.ts', 'plugins-examples/*/src/**/*.spec.ts'], 15_000, false),
      project('contract', ['src/**/*.contract.ts', 'test/contracts/**/*.contract.ts'], 60_000, false),
      project('integration', ['test/integration/**/*.spec.ts'], 120_000, true),
      project('e2e', ['test/e2e/**/*.e2e-spec.ts', 'test/faults/**/*.e2e-spec.ts'], 300_000, true),
    ],
  },
});
