import { describe, expect, it } from 'vitest';
import { comparePositions } from '../../persistence/read/feed-reads.js';
import { decodeCursor, encodeCursor } from './cursor.js';
import { topicsOf, type FeedEntry } from './feed-hydrator.js';
import { RecentEntries } from './recent-entries.js';

const entry = (xid: number, id: number, sizeBytes = 10): FeedEntry => {
  const frame = Buffer.alloc(sizeBytes);
  return { position: { xid: String(xid), id: String(id) }, kind: 'segment.ready', streamId: null, topics: [], frame, viewerFrame: frame };
};

describe('cursors', () => {
  it('come back as they went', () => {
    expect(decodeCursor(encodeCursor({ xid: '18446744073709551', id: '12' }))).toEqual({ xid: '18446744073709551', id: '12' });
  });

  it.each(['', '1', '1-', '-1', '01-1', '1-1-1', '1-1 ', 'a-b', '1.5-1', `${'9'.repeat(30)}-1`])('%j is none', (text) => {
    expect(decodeCursor(text)).toBeNull();
  });

  it('are ordered as numbers: by transaction, then by row', () => {
    const sorted = [
      ['9', '100'],
      ['10', '2'],
      ['10', '11'],
      ['100', '1'],
    ].map(([xid = '', id = '']) => ({ xid, id }));
    expect(sorted.toReversed().sort(comparePositions)).toEqual(sorted);
  });
});

describe(RecentEntries.name, () => {
  it('gives what came after a position, and says when it cannot', () => {
    const recent = new RecentEntries({ xid: '5', id: '0' }, { entries: 8, sizeBytes: 1_000 });
    for (let id = 1; id <= 6; id += 1) recent.push(entry(10, id));
    expect(recent.after({ xid: '10', id: '4' })?.map((each) => each.position.id)).toEqual(['5', '6']);
    expect(recent.after({ xid: '7', id: '3' })).toHaveLength(6);
    expect(recent.after({ xid: '11', id: '0' })).toEqual([]);
    expect(recent.after({ xid: '4', id: '9' })).toBeNull();
    for (let id = 7; id <= 9; id += 1) recent.push(entry(10, id));
    expect(recent.after({ xid: '10', id: '2' })).toBeNull();
    expect(recent.after({ xid: '10', id: '3' })).toHaveLength(6);
  });

  it('is bounded in bytes', () => {
    const recent = new RecentEntries({ xid: '0', id: '0' }, { entries: 1_000, sizeBytes: 100 });
    for (let id = 1; id <= 50; id += 1) recent.push(entry(1, id, 40));
    const kept = [...Array(51).keys()].map((id) => recent.after({ xid: '1', id: String(id) })).find((entries) => entries !== null);
    expect(kept?.length).toBeLessThanOrEqual(3);
    expect(kept?.at(-1)?.position.id).toBe('50');
  });
});

describe(topicsOf.name, () => {
  it.each([
    ['stream.changed', ['streams', 'stream:s']],
    ['epoch.opened', ['stream:s']],
    ['segment.ready', ['stream:s']],
    ['run.finished', ['runs', 'stream:s']],
  ])('sends %s under %j', (kind, topics) => {
    expect(topicsOf({ kind, streamId: 's' })).toEqual(topics);
  });
});
