import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SilentLogger } from '../../../test/support/fakes/silent-logger.js';
import { ThrottledWarnings } from './throttled-warnings.js';

describe(ThrottledWarnings.name, () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }).advanceTimersByTime(1));
  afterEach(() => void vi.useRealTimers());

  it('reports each trouble at once, coded, and of the same one again only after a while', () => {
    const logger = new SilentLogger();
    const warnings = new ThrottledWarnings(logger);
    const told = () =>
      logger.lines.map(({ level, message, fields }) => ({ level, message, code: (fields?.['error'] as { code: string }).code }));
    for (let i = 0; i < 100; i++) warnings.warn('worker default', new Error('connection lost'));
    warnings.warn('bell', 'refused');
    expect(told()).toEqual([
      { level: 'warn', message: 'worker default: connection lost', code: 'VD_QUEUE_UNAVAILABLE' },
      { level: 'warn', message: 'bell: refused', code: 'VD_QUEUE_UNAVAILABLE' },
    ]);
    vi.advanceTimersByTime(10_001);
    warnings.warn('worker default', new Error('connection lost'));
    expect(told()).toHaveLength(3);
  });
});
