import { describe, expect, it } from 'vitest';
import { bytesOf, retentionConfig } from './retention-config.js';

const problem = (written: unknown): string => retentionConfig.safeParse(written).error?.issues[0]?.message ?? 'none';

describe('the retention section', () => {
  it('takes durations and sizes, shares of a disk, and no limit', () => {
    const { media, results, disk } = retentionConfig.parse({
      media: { maxAge: 'forever', maxSize: '500GB', eventMaxAge: '1.5d' },
      results: { maxSize: 'unlimited' },
      disk: { floor: '2.5%' },
    });
    expect([media.maxAge, media.maxSize, media.eventMaxAge, results.maxSize]).toEqual([null, { bytes: 500e9 }, 129_600_000, null]);
    expect([bytesOf(disk.floor, 200e9), bytesOf(disk.floor, null), bytesOf(media.maxSize, null), bytesOf(null, 1)]).toEqual([
      ...[5e9, null, 500e9, null],
    ]);
  });

  it('says what it takes instead', () => {
    expect(problem({ media: { maxAge: '30' } })).toBe('a duration with its unit, such as "30d", or "forever"');
    expect(problem({ media: { maxSize: '101%' } })).toContain('a share of the disk such as "50%"');
    expect(problem({ disk: { floor: 'unlimited' } })).toContain('a size such as "2GiB"');
    expect(problem({ interval: '10ms' })).toBe('at least 1s');
  });
});
