import { afterAll, vi } from 'vitest';

/** For test files that share their modules with others: what one has put in place of clocks, variables and functions goes with it. */
afterAll(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
});
