import { describe, expect, it } from 'vitest';
import { momentText, parseMoment } from './moment-address';

describe(parseMoment.name, () => {
  it('reads what it writes, and milliseconds', () => {
    const atMs = Date.parse('2026-11-28T09:30:00.250Z');
    expect(parseMoment(momentText(atMs))).toBe(atMs);
    expect(parseMoment(String(atMs))).toBe(atMs);
  });

  it('takes nothing else for a moment', () => {
    for (const text of [undefined, '', 'now', '12', '2026', '-1795859400250', '2026-99-99T00:00:00Z']) expect(parseMoment(text)).toBeNull();
  });
});
