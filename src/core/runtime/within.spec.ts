import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { doneWithin, within } from './within.js';

const never = new Promise<never>(() => undefined);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe(doneWithin.name, () => {
  it('says whether the work was done in time, and leaves no timer behind', async () => {
    await expect(doneWithin(100, Promise.resolve())).resolves.toBe(true);
    expect(vi.getTimerCount()).toBe(0);
    const late = doneWithin(100, never);
    await vi.advanceTimersByTimeAsync(100);
    await expect(late).resolves.toBe(false);
  });

  it('fails as the work does', async () => {
    await expect(doneWithin(100, Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe(within.name, () => {
  it('gives what the work gives, or fails when its time is up', async () => {
    await expect(within(100, Promise.resolve(7), () => new Error('late'))).resolves.toBe(7);
    const late = within(100, never, () => new Error('late'));
    late.catch(() => undefined);
    await vi.advanceTimersByTimeAsync(100);
    await expect(late).rejects.toThrow('late');
  });
});
