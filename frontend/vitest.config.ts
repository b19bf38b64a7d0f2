import { defineConfig } from 'vitest/config';

// State lives in plain signal classes, so its tests need neither a browser nor Angular's test bed.
export default defineConfig({
  test: { name: 'frontend', environment: 'node', include: ['src/**/*.spec.ts'], testTimeout: 10_000, passWithNoTests: false },
});
