import { describe, expect, it } from 'vitest';
import { freshShareToken, isViewTicket, shareHash, viewTicket } from './share-token.js';

const [KEY, OTHER] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
const NOW_MS = 1_790_000_000_000;
const HOUR_MS = 3_600_000;

describe('tokens of links', () => {
  it('are found by their hash, and none is like another', () => {
    const [one, other] = [freshShareToken(), freshShareToken()];
    expect(shareHash(one.token)).toEqual(one.sha256);
    expect(one.sha256).not.toEqual(other.sha256);
    for (const token of ['', 'vdl_', `${one.token}x`, one.token.slice(0, -1), one.token.replace('vdl_', 'vda_')])
      expect(shareHash(token)).toBeNull();
  });
});

describe('tickets of views', () => {
  it('are good for their link and their time', () => {
    const ticket = viewTicket(KEY, 'a', NOW_MS);
    expect(isViewTicket(KEY, 'a', ticket, NOW_MS)).toBe(true);
    expect(isViewTicket(KEY, 'a', ticket, NOW_MS + 5 * HOUR_MS)).toBe(true);
    expect(isViewTicket(KEY, 'a', ticket, NOW_MS + 7 * HOUR_MS)).toBe(false);
    expect(isViewTicket(KEY, 'b', ticket, NOW_MS)).toBe(false);
    expect(isViewTicket(OTHER, 'a', ticket, NOW_MS)).toBe(false);
  });

  it.each(['', '.', 'x', '1790000000000', '9999999999999.', `9999999999999.${'A'.repeat(43)}`, `${'9'.repeat(40)}.AA`])(
    'are not made up: %j',
    (ticket) => expect(isViewTicket(KEY, 'a', ticket, NOW_MS)).toBe(false),
  );
});
