import { describe, expect, it } from 'vitest';
import { Occupants, type Occupant } from './occupants.js';

function occupant(session?: string): Occupant & { end(): void; told: number } {
  const { promise, resolve } = Promise.withResolvers<void>();
  const made = { session, ended: promise, end: resolve, told: 0, takenOver: () => void (made.told += 1) };
  return made;
}

describe('Occupants', () => {
  it('know a session that has come back, until it has ended', async () => {
    const occupants = new Occupants();
    const first = occupant('a');
    await occupants.enter('stream', first);
    const own = (session?: string): boolean => occupants.isOwn('stream', session);
    expect([own('a'), own('b'), own(undefined), occupants.isOwn('other', 'a')]).toEqual([true, false, false, false]);
    first.end();
    await first.ended;
    expect(own('a')).toBe(false);
    await occupants.enter('stream', occupant());
    expect(own(undefined)).toBe(false);
  });

  it('give way to who comes after them', async () => {
    const occupants = new Occupants();
    const [first, second] = [occupant('a'), occupant('b')];
    await occupants.enter('stream', first);
    const entered = occupants.enter('stream', second);
    expect([first.told, second.told]).toEqual([1, 0]);
    first.end();
    await entered;
    // What the first one left behind does not free the place of the second.
    expect(occupants.isOwn('stream', 'b')).toBe(true);
  });
});
