import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { LedgerArchiver } from '../../src/core/persistence/archive/ledger-archiver.js';
import { TimelineReads } from '../../src/core/persistence/read/timeline-reads.js';
import { ApiApp } from '../support/api-app.js';
import { ArchiveScene } from '../support/archive-scene.js';
import { LedgerSeed } from '../support/ledger-seed.js';
import { readPlaylist } from '../support/media/hls-conformance.js';
import { RestReader } from '../support/rest-reader.js';

/** Two days ago, so that it is packed when it is said to be over. */
const START = Math.floor(Date.now() / 86_400_000 - 2) * 86_400_000 + 3_600_000;
const ANALYZER = 'vedette.test.look';
const at = (seconds: number): string => encodeURIComponent(new Date(START + seconds * 1000).toISOString());

interface VttCue {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly text: string;
}

/** Taken apart as a browser does: blocks, times, and what stands below them. @throws where it is no WebVTT */
function readVtt(body: string): { map: string; cues: VttCue[] } {
  const [head = '', ...blocks] = body.replace(/\n$/, '').split('\n\n');
  const [, map] = /^WEBVTT\nX-TIMESTAMP-MAP=(MPEGTS:\d+,LOCAL:\d\d+:\d\d:\d\d\.\d{3})$/.exec(head) ?? [];
  if (map === undefined) throw new Error(`No WebVTT: ${head}`);
  const cues = blocks.map((block): VttCue => {
    const lines = block.split('\n');
    const [, from = '', to = ''] = /^(\d\d+:\d\d:\d\d\.\d{3}) --> (\d\d+:\d\d:\d\d\.\d{3})$/.exec(lines[1] ?? '') ?? [];
    if (lines.length !== 3 || from === '' || lines[2] === '' || /[<>]|&(?!amp;|lt;|gt;)/.test(lines[2]!))
      throw new Error(`No cue: ${block}`);
    return { id: lines[0]!, from, to, text: lines[2]! };
  });
  return { map, cues };
}

describe('results of a range', () => {
  let api: ApiApp;
  let seed: LedgerSeed;
  let cookie: string;
  let rest: RestReader;
  beforeAll(async () => {
    api = await ApiApp.start();
    seed = new LedgerSeed(api.sql);
    await seed.partitions(new Date(START));
    cookie = await api.signIn();
    rest = new RestReader(api, cookie);
  });
  afterAll(() => api.stop());

  const text = async (path: string): Promise<string> => {
    const response = await api.call('GET', path, { cookie });
    const body = await response.text();
    expect([path, response.status, body.slice(0, 300)]).toEqual([path, 200, expect.any(String)]);
    return body;
  };

  /** Two epochs of 5 segments of 2 s, 30 s apart. */
  async function twoEpochs(): Promise<{ streamId: string; epochs: [string, string]; segments: string[] }> {
    const streamId = await seed.stream();
    const epochs = [
      await seed.epoch(streamId, { startedAt: new Date(START), state: 'closed' }),
      await seed.epoch(streamId, { ordinal: 1, startedAt: new Date(START + 40_000), state: 'closed', ptsOriginUs: 7_000_000 }),
    ] as [string, string];
    await api.sql.query(`UPDATE epochs SET ended_at = started_at + interval '10 seconds' WHERE stream_id = $1`, [streamId]);
    const segments: string[] = [];
    for (const epochId of epochs) for (let n = 0; n < 5; n += 1) segments.push(await seed.segment(streamId, epochId, n));
    return { streamId, epochs, segments };
  }

  /** An event from and to so many seconds after an epoch's beginning. */
  async function event(
    streamId: string,
    epochId: string,
    name: string,
    from: number,
    to: number | null,
    data: object | null = null,
  ): Promise<void> {
    await api.sql.query(
      `INSERT INTO events (stream_id, epoch_id, analyzer_id, config_hash, key, name, state, start_pts_us, start_at, end_pts_us, end_at, data,
         first_run_id, last_run_id)
       SELECT $1, e.id, '${ANALYZER}', 'aa', $3 || $4::float8, $3, CASE WHEN $5::float8 IS NULL THEN 'open' ELSE 'closed' END,
         e.pts_origin_us + $4::float8 * 1e6, e.started_at + $4::float8 * interval '1 second', e.pts_origin_us + $5::float8 * 1e6,
         e.started_at + $5::float8 * interval '1 second', $6, 1, 1 FROM epochs e WHERE e.id = $2`,
      [streamId, epochId, name, from, to, data === null ? null : JSON.stringify(data)],
    );
  }

  describe('as WebVTT', () => {
    it('shows events and labels over the playlist of the same range, by its clock', async () => {
      const { streamId, epochs, segments } = await twoEpochs();
      await event(streamId, epochs[0], 'motion', 3, 5.5);
      await event(streamId, epochs[0], 'speech', 9, 30);
      await event(streamId, epochs[1], 'text', 1.5, null, { text: 'EXIT' });
      await seed.run(segments[6]!, ['cat', 'cat', 'dog']);
      await api.sql.query(`DELETE FROM events WHERE name = 'seen'`);
      const range = `from=${at(2.5)}&to=${at(46)}`;
      const { cues, map } = readVtt(await text(`/api/streams/${streamId}/tracks.vtt?${range}`));
      // 2 s of the first epoch lie before the playlist; its other 8 s come before the second epoch.
      expect(map).toBe('MPEGTS:306000,LOCAL:00:00:00.000');
      expect(cues.map(({ from, to, text }) => [from, to, text])).toEqual([
        ['00:00:01.000', '00:00:03.500', 'motion'],
        ['00:00:07.000', '00:00:08.000', 'speech'],
        ['00:00:09.500', '00:00:14.000', 'text: EXIT'],
        ['00:00:10.000', '00:00:11.000', 'cat'],
        ['00:00:10.200', '00:00:11.200', 'dog'],
      ]);
      const playlist = readPlaylist(await text(`/streaming/${streamId}/dvr.m3u8?${range}`));
      expect(playlist.segments.map(({ durationSeconds }) => durationSeconds).reduce((sum, one) => sum + one, 0)).toBe(14);
      const second = readVtt(await text(`/api/streams/${streamId}/tracks.vtt?${range}&epochId=${epochs[1]}`));
      expect([second.map, second.cues.map((cue) => cue.text)]).toEqual(['MPEGTS:630000,LOCAL:00:00:08.000', ['text: EXIT', 'cat', 'dog']]);
      const cats = readVtt(await text(`/api/streams/${streamId}/tracks.vtt?${range}&label=cat,EXIT`));
      expect(cats.cues.map((cue) => cue.text)).toEqual(['text: EXIT', 'cat']);
      const nobodys = readVtt(await text(`/api/streams/${streamId}/tracks.vtt?${range}&analyzerId=somebody.else`));
      expect(nobodys.cues).toEqual([]);
    });

    it('stands beside the media as subtitles, a file for each epoch', async () => {
      const { streamId, epochs } = await twoEpochs();
      await event(streamId, epochs[0], 'motion', 3, 5.5);
      await event(streamId, epochs[1], 'motion', 1, 2);
      const base = `/streaming/${streamId}/`;
      const both = (await text(`${base}dvr.m3u8?from=${at(2.5)}&to=${at(46)}&subtitles=1`)).split('\n');
      const [from, to] = [START + 2_500, START + 46_000];
      expect(both.slice(2, 5)).toEqual([
        `#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="results",NAME="Results",AUTOSELECT=YES,DEFAULT=NO,URI="dvr-subtitles.m3u8?from=${from}&to=${to}"`,
        '#EXT-X-STREAM-INF:BANDWIDTH=4000,SUBTITLES="results"',
        `dvr.m3u8?from=${from}&to=${to}`,
      ]);
      const media = readPlaylist(await text(base + both[4]!));
      const subtitles = readPlaylist(await text(`${base}dvr-subtitles.m3u8?from=${from}&to=${to}`));
      const lengthOf = (segments: readonly { durationSeconds: number }[]): number =>
        segments.reduce((sum, { durationSeconds }) => sum + durationSeconds, 0);
      expect([subtitles.discontinuitySequence, lengthOf(subtitles.segments)]).toEqual([
        media.discontinuitySequence,
        lengthOf(media.segments),
      ]);
      expect(subtitles.segments.map(({ discontinuity }) => discontinuity)).toEqual([false, true]);
      const cues = await Promise.all(
        subtitles.segments.map(
          async ({ uri }) => readVtt(await text(new URL(uri, `http://host${base}`).href.slice('http://host'.length))).cues,
        ),
      );
      expect(cues.map((list) => list.map(({ from: begin }) => begin))).toEqual([['00:00:01.000'], ['00:00:09.000']]);
    });

    it('lets no text be anything but text', async () => {
      const { streamId, epochs } = await twoEpochs();
      const hostile = [
        '</v><b>bold & co</b> --> 99:00:00.000',
        'one\n\n2\n00:00:00.000 --> 00:09:00.000\nanother cue',
        'NOTE\u2028\u0000\u0007 lone \ud800 surrogate',
        ' \n ',
        'x'.repeat(5_000),
      ];
      for (const [n, said] of hostile.entries())
        await event(streamId, epochs[0], `--> ${said}`.slice(0, 60).replaceAll('\u0000', ''), n, n + 1, {
          text: said.replaceAll('\u0000', '').toWellFormed(),
        });
      const { cues } = readVtt(await text(`/api/streams/${streamId}/tracks.vtt?from=${at(0)}&to=${at(10)}`));
      expect(cues).toHaveLength(hostile.length);
      expect(cues[0]!.text).toContain('&lt;/v&gt;&lt;b&gt;bold &amp; co&lt;/b&gt;');
      const playlist = readPlaylist(await text(`/streaming/${streamId}/dvr.m3u8?from=${at(0)}&to=${at(10)}`));
      expect(playlist.dateRanges).toHaveLength(hostile.length);
    });
  });

  describe('as date ranges', () => {
    it('stand in the playlist that they touch, and end when the event has', async () => {
      const { streamId, epochs } = await twoEpochs();
      await event(streamId, epochs[0], 'motion', 3, 5.5, { label: 'a "quoted" one' });
      await event(streamId, epochs[0], 'long', 0, 9);
      await event(streamId, epochs[0], 'over', 0, 1);
      await event(streamId, epochs[1], 'going on', 1, null);
      const { dateRanges } = readPlaylist(await text(`/streaming/${streamId}/dvr.m3u8?from=${at(2)}&to=${at(45)}`));
      const shown = dateRanges.map((range) =>
        ['CLASS', 'START-DATE', 'END-DATE', 'X-NAME', 'X-LABEL', 'X-ANALYZER'].map((key) => range.get(key)),
      );
      const date = (seconds: number): string => new Date(START + seconds * 1000).toISOString();
      expect(shown).toEqual([
        ['vedette.event', date(0), date(9), 'long', 'long', ANALYZER],
        ['vedette.event', date(3), date(5.5), 'motion', "a 'quoted' one", ANALYZER],
        ['vedette.event', date(41), undefined, 'going on', 'going on', ANALYZER],
      ]);
      // Its window begins 8 s into the first epoch.
      const response = await api.call('GET', `/streaming/${streamId}/live.m3u8`, { cookie });
      const live = readPlaylist(await response.text());
      const headers = { 'if-none-match': response.headers.get('etag') ?? '' };
      expect((await api.call('GET', `/streaming/${streamId}/live.m3u8`, { cookie, headers })).status).toBe(304);
      expect(live.dateRanges.map((range) => range.get('X-NAME'))).toEqual(['long', 'going on']);
    });
  });

  describe('as JSON Lines', () => {
    let streamId: string;
    beforeAll(async () => {
      const scene = new ArchiveScene(api.sql, seed);
      ({ streamId } = await scene.stream('hall', new Date(START), 190));
      await event(streamId, (await api.sql.query('SELECT id FROM epochs WHERE stream_id = $1', [streamId])).rows[0].id, 'motion', 100, 101);
    });
    const lines = async (query: string): Promise<Record<string, unknown>[]> => {
      const body = await text(`/api/streams/${streamId}/results.jsonl?${query}`);
      return body === ''
        ? []
        : body
            .replace(/\n$/, '')
            .split('\n')
            .map((line) => JSON.parse(line) as Record<string, unknown>);
    };
    const all = `from=${at(0)}&to=${at(1_000)}`;

    it('are all results of the range in the order of their moments, packed ones too', async () => {
      const before = await lines(all);
      const counts = Object.fromEntries(
        Object.entries(Object.groupBy(before, ({ kind }) => String(kind))).map(([kind, list]) => [kind, list!.length]),
      );
      const { rows } = await api.sql.query(
        `SELECT (SELECT count(*)::int FROM detections WHERE stream_id = $1) AS detection, (SELECT count(*)::int FROM metrics WHERE stream_id = $1)
           AS metric, (SELECT count(*)::int FROM observations WHERE stream_id = $1) AS observation, 1 AS event`,
        [streamId],
      );
      expect(counts).toEqual(rows[0]);
      expect(counts['detection']).toBeGreaterThan(500);
      const times = before.map(({ at }) => String(at));
      expect(times).toEqual(times.toSorted());
      for (const line of before)
        expect(line).toMatchObject({ streamId, epochId: expect.any(String), analyzerId: expect.any(String), ptsUs: expect.any(Number) });
      expect(before.find(({ kind }) => kind === 'detection')).toMatchObject({ label: expect.any(String), box: { width: 0.25 } });
      await new ArchiveScene(api.sql, seed).endedBefore(new Date(START + 700_000));
      const { rows: packed } = await api.app.get(LedgerArchiver, { strict: false }).pack();
      expect(packed).toBeGreaterThan(500);
      const key = (line: Record<string, unknown>): string => JSON.stringify(line);
      expect((await lines(all)).map(key).toSorted()).toEqual(before.map(key).toSorted());
      expect((await lines(`${all}&kind=event,metric`)).map(({ kind }) => kind).filter((kind) => kind !== 'metric')).toEqual(['event']);
      expect((await lines(`${all}&analyzerId=${ANALYZER}`)).every(({ analyzerId }) => analyzerId === ANALYZER)).toBe(true);
    });

    it('are read no further than their reader has come', async () => {
      const reads = vi.spyOn(api.app.get(TimelineReads, { strict: false }), 'detections');
      const left = new AbortController();
      const response = await fetch(`${api.url}/api/streams/${streamId}/results.jsonl?${all}`, { headers: { cookie }, signal: left.signal });
      expect(response.status).toBe(200);
      left.abort();
      await expect(response.text()).rejects.toThrow();
      expect(reads.mock.calls.length).toBeLessThanOrEqual(2);
      reads.mockRestore();
    });

    it('are refused over too wide a range, of what nobody knows, and of what one may not see', async () => {
      const refused = async (query: string): Promise<unknown[]> => {
        const { status, code } = await rest.refusal('GET', `/api/streams/${streamId}/results.jsonl?${query}`);
        return [status, code];
      };
      expect(await refused(`from=${at(0)}&to=${at(7 * 86_400 + 1)}`)).toEqual([400, 'VD_API_RANGE_TOO_WIDE']);
      expect(await refused(`from=${at(1)}&to=${at(0)}`)).toEqual([400, 'VD_API_INVALID']);
      expect(await refused(`from=${at(0)}&to=${at(9)}&colour=red`)).toEqual([400, 'VD_API_INVALID']);
      expect(await refused(`${all}&analyzerId=vedette.test.lock`)).toEqual([400, 'VD_API_NAME_UNKNOWN']);
      const hidden = await seed.stream({ private: true });
      const { token } = await api.apiToken('viewer');
      for (const path of ['results.jsonl', 'tracks.vtt'])
        expect((await api.call('GET', `/api/streams/${hidden}/${path}?${all}`, { bearer: token })).status).toBe(404);
    });
  });
});
