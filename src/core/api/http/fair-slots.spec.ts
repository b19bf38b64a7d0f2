import { describe, expect, it } from 'vitest';
import { apiError } from '../../errors/api.errors.js';
import { FairSlots } from './fair-slots.js';

const never = new AbortController().signal;
const slots = (atOnce: number, perToken: number, waitingPerToken: number): FairSlots =>
  new FairSlots({ atOnce, perToken, waitingPerToken }, (detail) => apiError('VD_API_BUSY', detail));

/** Work that lasts until it is told to end, and says in which order it began. */
class Desk {
  readonly begun: string[] = [];
  private readonly ends: (() => void)[] = [];

  constructor(private readonly under: FairSlots) {}

  ask(tokenId: string, signal = never): Promise<void> {
    return this.under.run({ tokenId, signal }, () => {
      this.begun.push(tokenId);
      return new Promise((resolve) => this.ends.push(resolve));
    });
  }
  async endOne(): Promise<void> {
    this.ends.shift()?.();
    await settled();
  }
}
const settled = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

describe(FairSlots.name, () => {
  it('keeps a place for others, however much one asks for', async () => {
    const desk = new Desk(slots(2, 1, 5));
    const greedy = Array.from({ length: 6 }, () => desk.ask('greedy'));
    await settled();
    expect(desk.begun).toEqual(['greedy']);
    void desk.ask('other');
    await settled();
    expect(desk.begun).toEqual(['greedy', 'other']);
    await expect(desk.ask('greedy')).rejects.toMatchObject({ code: 'VD_API_BUSY', retryable: true });
    expect(greedy).toHaveLength(6);
  });

  it('takes those who wait in turn, token by token', async () => {
    const desk = new Desk(slots(1, 1, 5));
    for (const token of ['a', 'a', 'a', 'b', 'b', 'c']) void desk.ask(token);
    await settled();
    for (let i = 0; i < 5; i++) await desk.endOne();
    expect(desk.begun).toEqual(['a', 'a', 'b', 'c', 'a', 'b']);
  });

  it('gives back the place of work that fails', async () => {
    const under = slots(1, 1, 0);
    const failing = under.run({ tokenId: 'a', signal: never }, () => Promise.reject(new Error('no')));
    await expect(failing).rejects.toThrow('no');
    await expect(under.run({ tokenId: 'a', signal: never }, () => Promise.resolve('yes'))).resolves.toBe('yes');
  });

  it('forgets whoever leaves before their turn', async () => {
    const desk = new Desk(slots(1, 1, 1));
    void desk.ask('a');
    const left = new AbortController();
    const waiting = desk.ask('b', left.signal);
    left.abort(new Error('gone'));
    await expect(waiting).rejects.toThrow('gone');
    void desk.ask('c');
    await desk.endOne();
    expect(desk.begun).toEqual(['a', 'c']);
  });
});
