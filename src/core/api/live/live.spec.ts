import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { MessageRate } from './message-rate.js';
import { remoteAddress } from './remote-address.js';

describe(MessageRate.name, () => {
  it('takes a burst and then a steady rate', () => {
    let nowMs = 0;
    const rate = new MessageRate({ burst: 3, perSecond: 10 }, () => nowMs);
    expect(Array.from({ length: 5 }, () => rate.take())).toEqual([true, true, true, false, false]);
    nowMs = 100;
    expect([rate.take(), rate.take()]).toEqual([true, false]);
    nowMs = 100_000;
    expect(Array.from({ length: 5 }, () => rate.take())).toEqual([true, true, true, false, false]);
  });
});

describe(remoteAddress.name, () => {
  const request = (peer: string, forwarded?: string) =>
    ({
      socket: { remoteAddress: peer },
      headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
    }) as unknown as IncomingMessage;

  it.each([
    ['127.0.0.1', '203.0.113.7', true, '203.0.113.7'],
    ['::ffff:127.0.0.1', '198.51.100.1, 203.0.113.7, 10.0.0.2', true, '203.0.113.7'],
    ['203.0.113.9', '198.51.100.1', true, '203.0.113.9'],
    ['127.0.0.1', '203.0.113.7', false, '127.0.0.1'],
    ['::1', undefined, true, '::1'],
  ])('takes for peer %s and header %s with trust %s: %s', (peer, forwarded, trust, expected) => {
    expect(remoteAddress(request(peer, forwarded), trust)).toBe(expected);
  });
});
