import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { StandardInput } from './standard-input.js';

const MIB = 1024 ** 2;

describe('StandardInput', () => {
  it('gives what was written, in order, and then its end', async () => {
    const input = new StandardInput();
    expect(input.write(Buffer.from('first '))).toBe(true);
    input.write(Buffer.from('second'));
    input.close();
    expect(String(await buffer(input.stream))).toBe('first second');
  });

  it('asks to wait when nobody reads, and says when there is room again', async () => {
    const input = new StandardInput();
    let hasRoom = true;
    for (let i = 0; i < 6 && hasRoom; i++) hasRoom = input.write(Buffer.alloc(MIB));
    expect(hasRoom).toBe(false);
    expect(input.isOverrun).toBe(false);
    const drained = input.drained();
    input.stream.resume();
    await drained;
    expect(input.write(Buffer.alloc(1))).toBe(true);
  });

  it('tells of a writer that does not wait', () => {
    const input = new StandardInput();
    for (let i = 0; i < 20; i++) input.write(Buffer.alloc(MIB));
    expect(input.isOverrun).toBe(true);
  });

  it('takes nothing once it is closed, and holds nobody', async () => {
    const input = new StandardInput();
    while (input.write(Buffer.alloc(MIB)));
    const drained = input.drained();
    input.close();
    await drained;
    expect(input.write(Buffer.alloc(1))).toBe(false);
    await input.drained();
  });
});
