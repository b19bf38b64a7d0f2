import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ThrottledWarnings } from './throttled-warnings.js';

describe(ThrottledWarnings.name, () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
  afterEach(() => void vi.useRealTimers());

  it('tells of each trouble at once, coded, and of the same one again only after a while', () => {
    const told: { message: string; code: unknown }[] = [];
    const warnings = new ThrottledWarnings({
      debug: () => undefined,
      info: () => undefined,
      warn: (message, fields) => told.push({ message, code: (fields?.error as { code: string }).code }),
      error: () => undefined,
    });
    for (let i = 0; i < 100; i++) warnings.warn('worker default', new Error('connection lost'));
    warnings.warn('bell', 'refused');
    expect(told).toEqual([
      { message: 'worker default: connection lost', code: 'VD_QUEUE_UNAVAILABLE' },
      { message: 'bell: refused', code: 'VD_QUEUE_UNAVAILABLE' },
    ]);
    vi.advanceTimersByTime(10_000);
    warnings.warn('worker default', new Error('connection lost'));
    expect(told).toHaveLength(3);
  });
});
