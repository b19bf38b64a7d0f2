import { describe, expect, it } from 'vitest';
import { isWrittenOnce } from './written-once.js';

const AT_MS = Date.UTC(2026, 10, 28, 5, 47, 14);

describe(isWrittenOnce, () => {
  it.each([`cam-${AT_MS}.ts`, `cam-${AT_MS / 1000}.ts`, '2026-11-28_05-47-14-123456.ts', 'rec-20261128T054714.ts'])('%s is', (name) =>
    expect(isWrittenOnce(name, AT_MS + 3000)).toBe(true),
  );

  // The last is the media's own clock: `hls_fragment_naming timestamp` counts from 0 with each publisher.
  it.each(['cam-12.ts', '000012.ts', 'cam-1234567890123.ts', '2019-01-01_00-00-00.ts', 'cam-180000000.ts'])('%s is not', (name) =>
    expect(isWrittenOnce(name, AT_MS)).toBe(false),
  );
});
