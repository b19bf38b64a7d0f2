import { describe, expect, it } from 'vitest';
import { ConnectionGuard } from './connection-guard.js';

describe(ConnectionGuard.name, () => {
  it('admits eight strangers of one address; those who prove themselves or go make room', () => {
    const guard = new ConnectionGuard();
    const admitted = Array.from({ length: 8 }, () => guard.admit('10.0.0.1')!);
    expect(guard.admit('10.0.0.1')).toBeUndefined();
    expect(guard.admit('::ffff:10.0.0.1')).toBeUndefined();
    expect(guard.admit('10.0.0.2')).toBeDefined();
    admitted[0]!.proved();
    admitted[0]!.proved();
    expect(guard.admit('10.0.0.1')).toBeDefined();
    expect(guard.admit('10.0.0.1')).toBeUndefined();
    admitted[1]!.gone();
    admitted[1]!.gone();
    expect(guard.admit('10.0.0.1')).toBeDefined();
    expect(guard.admit('10.0.0.1')).toBeUndefined();
  });

  it('bounds strangers, and connections, of all addresses together', () => {
    const guard = new ConnectionGuard();
    const strangers = Array.from({ length: 100 }, (_, i) => guard.admit(`10.0.0.${i}`));
    expect(strangers.filter((one) => one !== undefined)).toHaveLength(64);
    for (const one of strangers) one?.proved();
    let proved = 64;
    for (let i = 0; i < 1_000; i++) {
      const one = guard.admit(`10.0.${i >> 8}.${i & 255}`);
      one?.proved();
      if (one !== undefined) proved++;
    }
    expect(proved).toBe(256);
  });

  it('takes an IPv6 network for one address', () => {
    const guard = new ConnectionGuard();
    for (let i = 1; i <= 8; i++) guard.admit(`2001:db8:0:1::${i}`);
    expect(guard.admit('2001:db8:0:1:ffff::1')).toBeUndefined();
    expect(guard.admit('2001:db8:0:2::1')).toBeDefined();
    expect(guard.admit('2001:db8::1')).toBeDefined();
  });

  it('locks an address after ten failed proofs, and forgives one every six seconds', () => {
    let nowMs = 0;
    const guard = new ConnectionGuard(() => nowMs);
    for (let i = 0; i < 10; i++) {
      expect(guard.isLocked('10.0.0.1')).toBe(false);
      guard.failed('10.0.0.1');
    }
    expect([guard.isLocked('10.0.0.1'), guard.isLocked('10.0.0.2'), guard.admit('10.0.0.1')]).toEqual([true, false, undefined]);
    nowMs = 6_000;
    expect(guard.isLocked('10.0.0.1')).toBe(false);
    guard.failed('10.0.0.1');
    expect(guard.isLocked('10.0.0.1')).toBe(true);
  });
});
