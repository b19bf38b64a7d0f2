import { gunzipSync } from 'node:zlib';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { RangeReads } from '../../src/core/persistence/read/range-reads.js';
import { waitFor } from '../e2e/support/wait-for.js';
import { ApiApp } from '../support/api-app.js';
import { LedgerSeed } from '../support/ledger-seed.js';
import { checkReload, readPlaylist, type MediaPlaylist } from '../support/media/hls-conformance.js';
import { RestReader } from '../support/rest-reader.js';

const START = Date.parse('2026-03-01T10:00:00.000Z');
const at = (seconds: number): string => new Date(START + seconds * 1000).toISOString();

describe('DVR', () => {
  let api: ApiApp;
  let seed: LedgerSeed;
  let cookie: string;
  let rest: RestReader;
  beforeAll(async () => {
    api = await ApiApp.start({ packaging: { liveWindowSegments: 4 } });
    seed = new LedgerSeed(api.sql);
    cookie = await api.signIn();
    rest = new RestReader(api, cookie);
  });
  afterAll(() => api.stop());

  const path = (streamId: string, from: string | number, to?: string | number): string =>
    `/streaming/${streamId}/dvr.m3u8?from=${encodeURIComponent(from)}${to === undefined ? '' : `&to=${encodeURIComponent(to)}`}`;
  const text = async (streamId: string, from: string | number, to?: string | number): Promise<string> => {
    const response = await api.call('GET', path(streamId, from, to), { cookie });
    const body = await response.text();
    expect([response.status, response.headers.get('content-type'), body]).toEqual([
      200,
      'application/vnd.apple.mpegurl',
      expect.any(String),
    ]);
    return body;
  };
  const read = async (streamId: string, from: string | number, to?: string | number): Promise<MediaPlaylist> =>
    readPlaylist(await text(streamId, from, to));
  const files = ({ segments }: MediaPlaylist): string[] => segments.map(({ uri, gap }) => `${gap ? 'gap ' : ''}${uri.slice(37)}`);

  /** Two epochs of 10 and 5 segments of 2 s, 60 s apart: 0 to 20 s and 80 to 90 s. */
  async function twoEpochs(): Promise<{ streamId: string; epochs: [string, string] }> {
    const streamId = await seed.stream();
    const first = await seed.epoch(streamId, { startedAt: new Date(START), state: 'closed' });
    for (let sequence = 0; sequence < 10; sequence += 1) await seed.segment(streamId, first, sequence);
    const second = await seed.epoch(streamId, { ordinal: 1, startedAt: new Date(START + 80_000), state: 'closed', ptsOriginUs: 500 });
    for (let sequence = 0; sequence < 5; sequence += 1) await seed.segment(streamId, second, sequence);
    await api.sql.query(`UPDATE epochs SET ended_at = started_at + interval '20 seconds' WHERE stream_id = $1`, [streamId]);
    return { streamId, epochs: [first, second] };
  }

  describe('a range that is over', () => {
    it('begins with the segment that holds its beginning, says where in it, and ends with what begins before its end', async () => {
      const { streamId } = await twoEpochs();
      const playlist = await read(streamId, at(5), at(12));
      expect([playlist.type, playlist.ended, playlist.targetSeconds, playlist.startSeconds]).toEqual(['VOD', true, 2, 1]);
      expect(files(playlist)).toEqual(['000002.ts', '000003.ts', '000004.ts', '000005.ts']);
      expect(playlist.segments[0]!.atMs).toBe(START + 4_000);
      expect(playlist.mediaSequence).toBe(2);
      // The same in milliseconds.
      expect(await text(streamId, START + 5_000, START + 12_000)).toBe(await text(streamId, at(5), at(12)));
    });

    it('goes over a pause with a discontinuity, each epoch by its own clock, and numbers as live playlists have them', async () => {
      const { streamId, epochs } = await twoEpochs();
      const playlist = await read(streamId, at(16), at(84));
      expect(playlist.segments.map(({ uri, atMs, discontinuity }) => [uri, (atMs! - START) / 1000, discontinuity])).toEqual([
        [`${epochs[0]}/000008.ts`, 16, false],
        [`${epochs[0]}/000009.ts`, 18, false],
        [`${epochs[1]}/000000.ts`, 80, true],
        [`${epochs[1]}/000001.ts`, 82, false],
      ]);
      expect([playlist.mediaSequence, playlist.discontinuitySequence, playlist.startSeconds]).toEqual([8, 0, 0]);
      const later = await read(streamId, at(83), at(100));
      expect([later.mediaSequence, later.discontinuitySequence, later.startSeconds]).toEqual([11, 1, 1]);
      // From within the pause: what comes after it.
      expect(files(await read(streamId, at(40), at(84)))).toEqual(['000000.ts', '000001.ts']);
    });

    it('shows what is deleted, lost, unreadable or missing as gaps, and begins to play behind those at its head', async () => {
      const { streamId, epochs } = await twoEpochs();
      const set = (state: string, sequences: number[]) =>
        api.sql.query('UPDATE segments SET state = $2 WHERE epoch_id = $1 AND sequence = ANY ($3)', [epochs[0], state, sequences]);
      await set('deleted', [0, 1]);
      await set('lost', [4]);
      await api.sql.query(
        `UPDATE segments SET state = 'unreadable', pts_start_us = 0, pts_end_us = 0, at = $2 WHERE epoch_id = $1 AND sequence = 6`,
        [epochs[0], at(0)],
      );
      await api.sql.query('DELETE FROM segments WHERE epoch_id = $1 AND sequence = 8', [epochs[0]]);
      const playlist = await read(streamId, at(1), at(20));
      expect(files(playlist)).toEqual([
        ...['gap 000000.ts', 'gap 000001.ts', '000002.ts', '000003.ts', 'gap 000004.ts'],
        ...['000005.ts', 'gap 000006.ts', '000007.ts', 'gap 000008.ts', '000009.ts'],
      ]);
      expect(playlist.segments.map(({ atMs, durationSeconds }) => [(atMs! - START) / 1000, durationSeconds])).toEqual(
        Array.from({ length: 10 }, (_, i) => [2 * i, 2]),
      );
      expect(playlist.startSeconds).toBe(4);
      const gone = await rest.refusal('GET', path(streamId, at(0), at(3)));
      expect([gone.status, gone.code]).toEqual([410, 'VD_API_MEDIA_GONE']);
    });

    it('has each container initialised, transport streams behind fragments too', async () => {
      const { streamId, epochs } = await twoEpochs();
      await api.sql.query(`UPDATE segments SET path = replace(path, '.ts', '.m4s') WHERE epoch_id = $1`, [epochs[0]]);
      const playlist = await read(streamId, at(16), at(84));
      expect(playlist.segments.map(({ uri, initialization }) => [uri.slice(37), initialization?.slice(37)])).toEqual([
        ['000008.m4s', 'init.mp4'],
        ['000009.m4s', 'init.mp4'],
        ['000000.ts', '000000.ts'],
        ['000001.ts', '000000.ts'],
      ]);
      expect(await text(streamId, at(16), at(84))).toContain(`#EXT-X-MAP:URI="${epochs[1]}/000000.ts",BYTERANGE="564@0"`);
    });

    it('keeps its numbers when epochs before it are taken away, and when one gets more segments late', async () => {
      const { streamId, epochs } = await twoEpochs();
      const before = await read(streamId, at(83), at(100));
      await seed.segment(streamId, epochs[0], 10);
      await api.sql.query('DELETE FROM segments WHERE epoch_id = $1', [epochs[0]]);
      await api.sql.query('DELETE FROM epochs WHERE id = $1', [epochs[0]]);
      const after = await read(streamId, at(82.5), at(100));
      expect([after.mediaSequence, after.discontinuitySequence]).toEqual([before.mediaSequence, before.discontinuitySequence]);
    });

    it('refuses what is no range, too wide, or not there, with a code and what to do', async () => {
      const { streamId, epochs } = await twoEpochs();
      const refused = async (from: string | number, to?: string | number) => {
        const { status, code, detail } = await rest.refusal('GET', path(streamId, from, to));
        return [status, code, detail];
      };
      expect(await refused(at(0), at(86_401))).toEqual([400, 'VD_API_RANGE_TOO_WIDE', 'The range is 24.0 h; one playlist has at most 24.']);
      expect(await refused(at(30), at(40))).toEqual([404, 'VD_API_NOTHING_RECORDED', expect.stringContaining(at(30))]);
      expect(await refused(at(5), at(5))).toEqual([400, 'VD_API_INVALID', expect.stringContaining('from')]);
      for (const from of ['', 'now', '2026-03-01', '-1', '1e9', '9999999999999999', "' OR 1=1 --"])
        expect(await refused(from)).toEqual([400, 'VD_API_INVALID', expect.any(String)]);
      // A number that a foreign writer may have made up: the hole before it has no end.
      await api.sql.query('UPDATE segments SET sequence = 999999999 WHERE epoch_id = $1 AND sequence = 9', [epochs[0]]);
      expect(await refused(at(0), at(21))).toEqual([400, 'VD_API_RANGE_TOO_WIDE', expect.stringContaining('90000 segments')]);
    });

    it('is compressed, tagged, and not for those who may not see the stream', async () => {
      const { streamId } = await twoEpochs();
      const plain = await text(streamId, at(0), at(100));
      const raw = await new Promise<{ encoding: string | undefined; vary: string | undefined; body: Buffer }>((resolve, reject) => {
        const headers = { cookie, 'accept-encoding': 'gzip' };
        request(`${api.url}${path(streamId, at(0), at(100))}`, { headers }, (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', () => {
            const { 'content-encoding': encoding, vary } = response.headers;
            resolve({ encoding, vary, body: Buffer.concat(chunks) });
          });
        })
          .on('error', reject)
          .end();
      });
      expect([raw.encoding, raw.vary]).toEqual(['gzip', 'Accept-Encoding']);
      expect(gunzipSync(raw.body).toString()).toBe(plain);
      const first = await api.call('GET', path(streamId, at(0), at(100)), { cookie });
      const headers = { 'if-none-match': first.headers.get('etag') ?? '' };
      expect((await api.call('GET', path(streamId, at(0), at(100)), { cookie, headers })).status).toBe(304);
      await api.sql.query('UPDATE streams SET private = true WHERE id = $1', [streamId]);
      await api.sql.query(`INSERT INTO feed (kind, stream_id) VALUES ('stream.changed', $1)`, [streamId]);
      await seed.ring();
      const { token } = await api.apiToken('viewer');
      await waitFor('viewers to be refused', async () => {
        const { status } = await api.call('GET', path(streamId, at(0), at(100)), { bearer: token });
        return status === 404;
      });
      expect((await api.call('GET', path(streamId, at(0), at(100)), { cookie })).status).toBe(200);
    });

    it('asks the database once for many viewers, and again when something of it went', async () => {
      const { streamId, epochs } = await twoEpochs();
      const asked = vi.spyOn(api.app.get(RangeReads, { strict: false }), 'media');
      const all = await Promise.all(Array.from({ length: 200 }, () => text(streamId, at(0), at(100))));
      expect(new Set(all).size).toBe(1);
      // Once more for what the feed may tell meanwhile.
      expect(asked.mock.calls.length).toBeLessThan(5);
      await api.sql.query(`UPDATE segments SET state = 'deleted' WHERE epoch_id = $1 AND sequence = 3`, [epochs[0]]);
      await api.sql.query(`INSERT INTO feed (kind, stream_id) VALUES ('stream.changed', $1)`, [streamId]);
      await seed.ring();
      await waitFor('the gap', async () => (await text(streamId, at(0), at(100))).includes('#EXT-X-GAP'));
      asked.mockRestore();
    });
  });

  describe('a range that reaches into what is recorded', () => {
    it('grows with the stream, at no query per viewer, until the stream or the range is over', async () => {
      const streamId = await seed.stream();
      const startedAt = new Date(Date.now() - 60_000);
      const epochId = await seed.epoch(streamId, { startedAt });
      for (let sequence = 0; sequence < 12; sequence += 1) await seed.segment(streamId, epochId, sequence);
      const from = startedAt.getTime() + 3_000;
      const holding = (count: number): Promise<MediaPlaylist> =>
        waitFor(`${count} segments`, async () => {
          const playlist = await read(streamId, from);
          return playlist.segments.length === count && playlist;
        });
      let before = await holding(11);
      expect([before.type, before.ended, before.startSeconds]).toEqual(['EVENT', false, 1]);
      const asked = vi.spyOn(api.app.get(RangeReads, { strict: false }), 'media');
      for (let sequence = 12; sequence < 16; sequence += 1) {
        // By the first of them all that was told of before has been heard.
        if (sequence === 13) asked.mockClear();
        await seed.segment(streamId, epochId, sequence);
        const now = await holding(sequence);
        checkReload(before, now);
        before = now;
      }
      expect(asked).not.toHaveBeenCalled();
      asked.mockRestore();
      // One that ends before what is there now is over; one that ends later is not.
      const end = startedAt.getTime() + 20_000;
      expect((await read(streamId, from, end)).type).toBe('VOD');
      expect((await read(streamId, from, end + 60_000)).type).toBe('EVENT');
      await api.sql.query(`UPDATE epochs SET state = 'closed', ended_at = now() - interval '2 minutes' WHERE id = $1`, [epochId]);
      await api.sql.query(
        `INSERT INTO feed (kind, stream_id, payload) VALUES ('epoch.closed', $1, jsonb_build_object('epochId', $2::text))`,
        [streamId, epochId],
      );
      await seed.ring();
      const ended = await waitFor('the end', async () => {
        const playlist = await read(streamId, from);
        return playlist.ended && playlist;
      });
      checkReload({ ...before, type: null }, ended);
      expect([ended.type, ended.segments.length]).toEqual(['VOD', 15]);
    });

    it('goes on into the next epoch', async () => {
      const streamId = await seed.stream();
      const startedAt = new Date(Date.now() - 60_000);
      const first = await seed.epoch(streamId, { startedAt });
      for (let sequence = 0; sequence < 3; sequence += 1) await seed.segment(streamId, first, sequence);
      const from = startedAt.getTime();
      const before = await waitFor('the first epoch', async () => {
        const playlist = await read(streamId, from);
        return playlist.segments.length === 3 && playlist;
      });
      await api.sql.query(`UPDATE epochs SET state = 'closed', ended_at = now() WHERE id = $1`, [first]);
      const second = await seed.epoch(streamId, { ordinal: 1, startedAt: new Date(Date.now() - 20_000) });
      await seed.segment(streamId, second, 0);
      const after = await waitFor('the second epoch', async () => {
        const playlist = await read(streamId, from);
        return playlist.segments.length === 4 && playlist;
      });
      checkReload(before, after);
      expect([after.type, after.segments.at(-1)!.discontinuity]).toEqual(['EVENT', true]);
    });
  });
});
