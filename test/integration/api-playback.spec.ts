import { linkSync, mkdirSync, readdirSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { PlaylistReads } from '../../src/core/persistence/read/playlist-reads.js';
import { waitFor } from '../e2e/support/wait-for.js';
import { ApiApp } from '../support/api-app.js';
import { LedgerSeed } from '../support/ledger-seed.js';
import { readPlaylist } from '../support/media/hls-conformance.js';

const tag = (playlist: string, name: string): string | undefined => new RegExp(`^#${name}:(.*)$`, 'm').exec(playlist)?.[1];
const uris = (playlist: string): string[] => playlist.split('\n').filter((line) => line !== '' && !line.startsWith('#'));

describe('HLS', () => {
  let api: ApiApp;
  let seed: LedgerSeed;
  let cookie: string;
  beforeAll(async () => {
    api = await ApiApp.start({ packaging: { liveWindowSegments: 4 } });
    seed = new LedgerSeed(api.sql);
    cookie = await api.signIn();
  });
  afterAll(() => api.stop());

  const live = async (streamId: string): Promise<string> => {
    const response = await api.call('GET', `/streaming/${streamId}/live.m3u8`, { cookie });
    expect([response.status, response.headers.get('content-type'), response.headers.get('cache-control')]).toEqual([
      200,
      'application/vnd.apple.mpegurl',
      'no-store',
    ]);
    return response.text();
  };

  const listing = async (streamId: string, sequence: number): Promise<string> =>
    waitFor(`segment ${sequence} to be listed`, async () => {
      const text = await live(streamId);
      return text.includes(`${String(sequence).padStart(6, '0')}.ts`) && text;
    });

  describe('the live playlist', () => {
    it('names the newest segments with the wall clock of their first frame', async () => {
      const streamId = await seed.stream();
      const early = await api.call('GET', `/streaming/${streamId}/live.m3u8`, { cookie });
      expect([early.status, await early.json()]).toEqual([404, expect.objectContaining({ code: 'VD_API_NO_MEDIA' })]);
      const startedAt = new Date('2026-03-01T10:00:00.123Z');
      const epochId = await seed.epoch(streamId, { startedAt });
      for (let sequence = 0; sequence < 6; sequence += 1) await seed.segment(streamId, epochId, sequence);
      const playlist = await waitFor('all segments to be listed', async () => {
        const text = await live(streamId);
        return text.includes('000005.ts') && text;
      });
      expect(tag(playlist, 'EXT-X-MEDIA-SEQUENCE')).toBe('2');
      expect(tag(playlist, 'EXT-X-DISCONTINUITY-SEQUENCE')).toBe('0');
      expect(tag(playlist, 'EXT-X-TARGETDURATION')).toBe('2');
      expect(tag(playlist, 'EXT-X-PROGRAM-DATE-TIME')).toBe('2026-03-01T10:00:04.123Z');
      expect(tag(playlist, 'EXTINF')).toBe('2.000000,');
      expect(uris(playlist)).toEqual([2, 3, 4, 5].map((sequence) => `${epochId}/00000${sequence}.ts`));
      expect(playlist).not.toContain('EXT-X-ENDLIST');
    });

    it('counts on over epochs, so that each segment keeps its number and each epoch its discontinuity', async () => {
      const streamId = await seed.stream();
      const numbers = new Map<string, number>();
      const discontinuities = new Map<string, number>();
      const check = async (newest: string): Promise<void> => {
        const playlist = await waitFor(`${newest} to be listed`, async () => {
          const text = await live(streamId);
          return uris(text).at(-1) === newest && text;
        });
        let number = Number(tag(playlist, 'EXT-X-MEDIA-SEQUENCE'));
        let discontinuity = Number(tag(playlist, 'EXT-X-DISCONTINUITY-SEQUENCE'));
        for (const line of playlist.split('\n')) {
          if (line === '#EXT-X-DISCONTINUITY') discontinuity += 1;
          if (line === '' || line.startsWith('#')) continue;
          expect([line, numbers.get(line) ?? number]).toEqual([line, number]);
          expect([line, discontinuities.get(line) ?? discontinuity]).toEqual([line, discontinuity]);
          numbers.set(line, number);
          discontinuities.set(line, discontinuity);
          number += 1;
        }
        expect(playlist).not.toContain('EXT-X-ENDLIST');
      };
      for (let ordinal = 0; ordinal < 4; ordinal += 1) {
        const epochId = await seed.epoch(streamId, { ordinal, startedAt: new Date(Date.now() - 3_600_000 + ordinal * 60_000) });
        for (let sequence = 0; sequence < 3; sequence += 1) {
          await seed.segment(streamId, epochId, sequence);
          await check(`${epochId}/00000${sequence}.ts`);
        }
        await api.sql.query(`UPDATE epochs SET state = 'closed', ended_at = now() WHERE id = $1`, [epochId]);
      }
      expect([...numbers.values()]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
      expect([...discontinuities.values()]).toEqual([0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3]);
    });

    it('waits with a new epoch until the one before it has its tail', async () => {
      const streamId = await seed.stream();
      const first = await seed.epoch(streamId, { ordinal: 0 });
      await seed.segment(streamId, first, 0);
      const second = await seed.epoch(streamId, { ordinal: 1, startedAt: new Date() });
      await seed.segment(streamId, second, 0);
      expect(uris(await live(streamId))).toEqual([`${first}/000000.ts`]);
      await seed.segment(streamId, first, 1);
      await api.sql.query(`UPDATE epochs SET state = 'closed' WHERE id = $1`, [first]);
      await waitFor(
        'the new epoch to follow',
        async () => uris(await live(streamId)).join() === `${first}/000000.ts,${first}/000001.ts,${second}/000000.ts`,
      );
    });

    it('shows a hole as a gap, so that later segments keep their numbers', async () => {
      const streamId = await seed.stream();
      const epochId = await seed.epoch(streamId);
      for (const sequence of [0, 1, 3]) await seed.segment(streamId, epochId, sequence);
      await seed.segment(streamId, epochId, 4, 'unreadable');
      await seed.segment(streamId, epochId, 5);
      const playlist = await waitFor('the last segment', async () => {
        const text = await live(streamId);
        return text.includes('000005.ts') && text;
      });
      expect(tag(playlist, 'EXT-X-MEDIA-SEQUENCE')).toBe('2');
      const gaps = playlist.split('#EXT-X-PROGRAM-DATE-TIME').map((part) => part.includes('#EXT-X-GAP'));
      expect(gaps).toEqual([true, false, true, false, false]);
      expect(uris(playlist)).toHaveLength(4);
    });

    it('keeps as many segments as three of the longest take, for as long as players were told of that', async () => {
      const streamId = await seed.stream();
      const epochId = await seed.epoch(streamId);
      /** Segment 5 lasts 10 s: what comes after it is 8 s later. */
      const append = async (from: number, to: number): Promise<void> => {
        for (let sequence = from; sequence <= to; sequence += 1) await seed.segment(streamId, epochId, sequence);
        await api.sql.query(
          `UPDATE segments SET pts_start_us = pts_start_us + CASE WHEN sequence > 5 THEN 8000000
            ELSE 0 END, pts_end_us = pts_end_us + 8000000
           WHERE epoch_id = $1 AND sequence >= greatest($2::int, 5)`,
          [epochId, from],
        );
      };
      await append(0, 6);
      const first = readPlaylist(await listing(streamId, 6));
      expect([first.targetSeconds, first.segments.length]).toEqual([10, 7]);
      await append(7, 20);
      const later = readPlaylist(await listing(streamId, 20));
      // Ten of 2 s on this side of the long one: 30 s with it.
      expect([later.targetSeconds, later.mediaSequence]).toEqual([10, 6]);
      expect(later.segments.reduce((sum, { durationSeconds }) => sum + durationSeconds, 0)).toBe(30);
    });

    it('ends only when the stream is stopped, not between two epochs', async () => {
      const streamId = await seed.stream({ state: 'pending' });
      const epochId = await seed.epoch(streamId, { state: 'closed' });
      await seed.segment(streamId, epochId, 0);
      expect(await live(streamId)).not.toContain('#EXT-X-ENDLIST');
      expect((await api.call('DELETE', `/api/streams/${streamId}`, { cookie })).status).toBe(204);
      await waitFor('the end of the playlist', async () => (await live(streamId)).trimEnd().endsWith('#EXT-X-ENDLIST'));
    });

    it('asks the database once for many players', async () => {
      const streamId = await seed.stream();
      const epochId = await seed.epoch(streamId);
      await seed.segment(streamId, epochId, 0);
      await live(streamId);
      // Not the server's statistics: those of earlier requests arrive up to seconds late.
      const asked = vi.spyOn(api.app.get(PlaylistReads, { strict: false }), 'liveWindow');
      await Promise.all(Array.from({ length: 200 }, () => live(streamId)));
      // Once more for what the feed may tell meanwhile; a playlist is up to a few windows.
      expect(asked.mock.calls.length).toBeLessThan(10);
      asked.mockRestore();
    });
  });

  it('serves an epoch as a recording once it is closed', async () => {
    const streamId = await seed.stream();
    const epochId = await seed.epoch(streamId);
    for (let sequence = 0; sequence < 6; sequence += 1) await seed.segment(streamId, epochId, sequence);
    const read = async (): Promise<string> => (await api.call('GET', `/streaming/${streamId}/${epochId}/index.m3u8`, { cookie })).text();
    const growing = await waitFor('all segments', async () => {
      const text = await read();
      return uris(text).length === 6 && text;
    });
    expect(tag(growing, 'EXT-X-PLAYLIST-TYPE')).toBe('EVENT');
    expect(uris(growing)[0]).toBe('000000.ts');
    await api.sql.query(`UPDATE epochs SET state = 'closed' WHERE id = $1`, [epochId]);
    const closed = await waitFor('the end', async () => {
      const text = await read();
      return text.includes('#EXT-X-ENDLIST') && text;
    });
    expect(tag(closed, 'EXT-X-PLAYLIST-TYPE')).toBe('VOD');
  });

  describe('segments', () => {
    const bytes = Buffer.from(Array.from({ length: 5_000 }, (_, index) => index % 251));
    let streamId: string;
    let epochId: string;
    let folder: string;
    beforeAll(async () => {
      streamId = await seed.stream();
      epochId = await seed.epoch(streamId);
      folder = join(api.config.mediaDir, streamId, epochId);
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, '000000.ts'), bytes);
    });

    const get = (file: string, headers: Record<string, string> = {}, method = 'GET') =>
      api.call(method, `/streaming/${streamId}/${epochId}/${file}`, { cookie, headers });

    it('are served whole, typed, to be kept for good', async () => {
      const response = await get('000000.ts');
      expect(
        Object.fromEntries(
          ['content-type', 'cache-control', 'content-length', 'accept-ranges', 'x-content-type-options'].map((name) => [
            name,
            response.headers.get(name),
          ]),
        ),
      ).toEqual({
        'content-type': 'video/mp2t',
        'cache-control': 'private, max-age=31536000, immutable',
        'content-length': '5000',
        'accept-ranges': 'bytes',
        'x-content-type-options': 'nosniff',
      });
      expect(Buffer.from(await response.arrayBuffer()).equals(bytes)).toBe(true);
      expect((await get('000000.ts', { 'if-none-match': response.headers.get('etag') ?? '' })).status).toBe(304);
      const head = await get('000000.ts', {}, 'HEAD');
      expect([head.status, head.headers.get('content-length'), (await head.arrayBuffer()).byteLength]).toEqual([200, '5000', 0]);
    });

    it.each([
      ['bytes=0-0', 206, 'bytes 0-0/5000', [0, 1]],
      ['bytes=100-199', 206, 'bytes 100-199/5000', [100, 200]],
      ['bytes=4990-', 206, 'bytes 4990-4999/5000', [4990, 5000]],
      ['bytes=-10', 206, 'bytes 4990-4999/5000', [4990, 5000]],
      ['bytes=-99999', 206, 'bytes 0-4999/5000', [0, 5000]],
      ['bytes=4999-99999999999', 206, 'bytes 4999-4999/5000', [4999, 5000]],
      ['bytes=5000-', 416, 'bytes */5000', null],
      ['bytes=-0', 416, 'bytes */5000', null],
      ['bytes=0-1,3-4', 200, null, [0, 5000]],
      ['bytes=9-3', 200, null, [0, 5000]],
      ['lines=0-1', 200, null, [0, 5000]],
      [`bytes=${'0-1,'.repeat(20)}`, 200, null, [0, 5000]],
    ] as const)('answer the range %s with %i', async (range, status, contentRange, span) => {
      const response = await get('000000.ts', { range });
      expect([response.status, response.headers.get('content-range')]).toEqual([status, contentRange]);
      const body = Buffer.from(await response.arrayBuffer());
      if (span === null) expect(JSON.parse(String(body))).toMatchObject({ code: 'VD_API_RANGE_UNSATISFIABLE' });
      else expect(body.equals(bytes.subarray(span[0], span[1]))).toBe(true);
    });

    /** Sends the path as it stands: fetch would clean it up first. */
    const raw = (path: string): Promise<{ status: number; body: string }> =>
      new Promise((resolve, reject) => {
        const url = new URL(api.url);
        request({ host: url.hostname, port: url.port, path, headers: { cookie } }, (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('latin1') }));
        })
          .on('error', reject)
          .end();
      });

    it.each([
      '../../../../etc/passwd',
      '..%2f..%2f..%2fetc%2fpasswd',
      '%2e%2e/%2e%2e/secret.ts',
      '..%5c..%5csecret.ts',
      '....//secret.ts',
      '000000.ts%00.jpg',
      '/000000.ts',
      '%252e%252e%252fsecret.ts',
      'index.m3u8%2f..%2f..%2f..%2fsecret.ts',
      '000000.ts;x',
      '.',
      '..',
      '000000.TS',
      'x.ts',
      '1.ts',
      '000000.ts\\..\\..\\secret.ts',
    ])('cannot be used to reach %s', async (file) => {
      writeFileSync(join(api.config.mediaDir, '..', 'secret.ts'), 'SECRET');
      const { status, body } = await raw(`/streaming/${streamId}/${epochId}/${file}`);
      expect(status).toBeGreaterThanOrEqual(400);
      expect(body).not.toMatch(/SECRET|root:/);
    });

    it.each(['..', '%2e%2e', 'x', `${'0'.repeat(8)}-0000-0000-0000-00000000000g`, "' OR 1=1 --"])(
      'need ids for folders, not %s',
      async (id) => {
        expect((await raw(`/streaming/${encodeURI(id)}/${epochId}/000000.ts`)).status).toBeGreaterThanOrEqual(400);
        expect((await raw(`/streaming/${streamId}/${encodeURI(id)}/000000.ts`)).status).toBeGreaterThanOrEqual(400);
      },
    );

    it('are never a link, nor behind one', async () => {
      const outside = join(api.config.mediaDir, '..', 'outside');
      mkdirSync(outside);
      writeFileSync(join(outside, '000001.ts'), 'SECRET');
      symlinkSync(join(outside, '000001.ts'), join(folder, '000001.ts'));
      expect((await get('000001.ts')).status).toBe(404);
      const linked = await seed.epoch(streamId, { ordinal: 1 });
      symlinkSync(outside, join(api.config.mediaDir, streamId, linked));
      expect((await api.call('GET', `/streaming/${streamId}/${linked}/000001.ts`, { cookie })).status).toBe(404);
      mkdirSync(join(folder, '000002.ts'));
      expect((await get('000002.ts')).status).toBe(404);
      linkSync(join(folder, '000000.ts'), join(folder, '000003.ts'));
      expect((await get('000003.ts')).status).toBe(200);
    });

    it('are not opened by other means than a signed-in GET or HEAD', async () => {
      expect((await api.call('GET', `/streaming/${streamId}/${epochId}/000000.ts`)).status).toBe(401);
      for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS'])
        expect((await get('000000.ts', { origin: api.url }, method)).status).toBe(404);
    });

    it.skipIf(process.platform !== 'linux')('leave no file open when players leave early', async () => {
      writeFileSync(join(folder, '000009.ts'), Buffer.alloc(8 * 1024 * 1024));
      for (let i = 0; i < 20; i += 1) {
        const cut = new AbortController();
        const response = await fetch(`${api.url}/streaming/${streamId}/${epochId}/000009.ts`, { headers: { cookie }, signal: cut.signal });
        expect(response.status).toBe(200);
        cut.abort();
      }
      await waitFor('every handle to be closed', () => countOpen(join(folder, '000009.ts')) === 0);
      rmSync(join(folder, '000009.ts'));
    });
  });
});

function countOpen(path: string): number {
  const descriptors = `/proc/${process.pid}/fd`;
  return readdirSync(descriptors).filter((name) => {
    try {
      return readlinkSync(join(descriptors, name)) === path;
    } catch {
      return false; // closed meanwhile
    }
  }).length;
}
