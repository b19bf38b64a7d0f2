import { describe, expect, it } from 'vitest';
import { Occupants, type Occupant } from './occupants.js';

function occupant(session?: string): Occupant & { end(): void; told: number } {
  const { promise, resolve } = Promise.withResolvers<void>();
  const made = { session, ended: promise, end: resolve, told: 0, takenOver: () => void (made.told += 1) };
  return made;
}

describe('Occupants', () => {
  it('keep a stream to themselves until they have ended', async () => {
    const occupants = new Occupants();
    const first = occupant('a');
    await occupants.enter('stream', first);
    expect(occupants.mayEnter('stream', undefined, false)).toBe(false);
    expect(occupants.mayEnter('stream', 'b', false)).toBe(false);
    expect(occupants.mayEnter('other', 'b', false)).toBe(true);
    first.end();
    await first.ended;
    expect(occupants.mayEnter('stream', 'b', false)).toBe(true);
  });

  it('give way to themselves come back, and to who says so', async () => {
    const occupants = new Occupants();
    const first = occupant('a');
    await occupants.enter('stream', first);
    expect([occupants.mayEnter('stream', 'a', false), occupants.mayEnter('stream', 'b', true)]).toEqual([true, true]);
    const second = occupant('a');
    const entered = occupants.enter('stream', second);
    expect([first.told, second.told]).toEqual([1, 0]);
    first.end();
    await entered;
    // What the first one left behind does not free the place of the second.
    expect(occupants.mayEnter('stream', 'b', false)).toBe(false);
  });
});
