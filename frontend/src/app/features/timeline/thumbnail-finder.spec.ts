import { describe, expect, it } from 'vitest';
import type { ThumbnailWire } from '../../api/models';
import { ThumbnailFinder } from './thumbnail-finder';

const QUARTER = Date.parse('2026-11-28T10:00:00Z');
const thumbnail = (atMs: number): ThumbnailWire =>
  ({ at: new Date(atMs).toISOString(), url: `/${atMs}`, x: 0, y: 0, w: 160, h: 90 }) as ThumbnailWire;

describe(ThumbnailFinder.name, () => {
  it('lists a quarter of an hour once, and takes the nearest picture that is near enough', async () => {
    const asked: string[] = [];
    const items = [thumbnail(QUARTER + 10_000), thumbnail(QUARTER + 20_000)];
    const source = {
      thumbnails: async (_: string, { from, to }: { from: string; to: string }) => (asked.push(from), { from, to, everyMs: 10_000, items }),
    };
    const finder = new ThumbnailFinder('s', source, () => QUARTER + 3_600_000);
    expect((await finder.at(QUARTER + 16_000))?.url).toBe(items[1]!.url);
    expect((await finder.at(QUARTER + 12_000))?.url).toBe(items[0]!.url);
    expect(await finder.at(QUARTER + 300_000)).toBeNull();
    expect(asked).toEqual([new Date(QUARTER).toISOString()]);
  });

  it('has none where it cannot ask, and asks again', async () => {
    let refusals = 1;
    const source = {
      thumbnails: async (_: string, { from, to }: { from: string; to: string }) => {
        if (refusals-- > 0) throw new Error('down');
        return { from, to, everyMs: 10_000, items: [thumbnail(QUARTER)] };
      },
    };
    const finder = new ThumbnailFinder('s', source, () => QUARTER + 3_600_000);
    expect(await finder.at(QUARTER)).toBeNull();
    expect(await finder.at(QUARTER)).not.toBeNull();
  });
});
