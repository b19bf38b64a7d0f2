import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { KnownAWhile } from './known-a-while.js';

describe(KnownAWhile.name, () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());
  const counting = () => {
    let asked = 0;
    return vi.fn(() => Promise.resolve(++asked));
  };

  it('asks once for all who ask while the answer is on its way, and for a while after it came', async () => {
    const slow = Promise.withResolvers<string>();
    const ask = vi.fn(() => slow.promise);
    const known = new KnownAWhile(1_000, ask);
    const [one, two] = [known.now(), known.now()];
    vi.advanceTimersByTime(60_000);
    expect(known.now()).toBe(one);
    slow.resolve('yes');
    expect(await Promise.all([one, two])).toEqual(['yes', 'yes']);
    vi.advanceTimersByTime(999);
    await known.now();
    expect(ask).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(1);
    await known.now();
    expect(ask).toHaveBeenCalledTimes(2);
  });

  it('tries anew what failed', async () => {
    const ask = vi.fn<() => Promise<string>>().mockRejectedValueOnce(new Error('away')).mockResolvedValue('back');
    const known = new KnownAWhile(1_000, ask);
    await expect(known.now()).rejects.toThrow('away');
    expect(await known.now()).toBe('back');
  });

  it('forgets what it is told to', async () => {
    const ask = counting();
    const known = new KnownAWhile(1_000, ask);
    await known.now();
    known.forget();
    expect(await known.now()).toBe(2);
  });
});
