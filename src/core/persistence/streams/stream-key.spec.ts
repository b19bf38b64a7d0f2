import { describe, expect, it } from 'vitest';
import { newStreamKey, streamKeyHint, streamKeySha256 } from './stream-key.js';

describe(newStreamKey.name, () => {
  it('has 160 bits in letters and digits that a URL carries unchanged', () => {
    const keys = Array.from({ length: 200 }, newStreamKey);
    for (const key of keys) expect(key).toMatch(/^vd_[a-z2-7]{32}$/);
    expect(new Set(keys).size).toBe(200);
    const used = new Set(keys.flatMap((key) => [...key.slice(3)]));
    expect(used.size).toBe(32);
  });

  it('is hinted at by its end and known by its hash', () => {
    expect(streamKeyHint('vd_abcdefgh')).toBe('…efgh');
    expect(streamKeySha256('vd_a')).toHaveLength(32);
    expect(streamKeySha256('vd_a').equals(streamKeySha256('vd_b'))).toBe(false);
  });
});
