import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as wire from '../../src/core/wire/clips.wire.js';
import { problemWire } from '../../src/core/wire/wire.js';
import { makeBarcodeClip, readBarcode, rectangleAt } from '../../src/core/plugin-testing/index.js';
import { ApiApp } from '../support/api-app.js';
import { LedgerSeed } from '../support/ledger-seed.js';
import { framesOf, recordedEpoch, type RecordedEpoch } from '../support/media/recorded-stream.js';
import { until } from '../support/until.js';
import { zipEntries } from '../support/zip-entries.js';

const FPS = 25;
const FRAME_US = 1_000_000 / FPS;
const [WIDTH, HEIGHT] = [640, 360];
const ENDED = ['done', 'failed', 'cancelled'];

describe('what is given away of streams', () => {
  let api: ApiApp;
  let admin: string;
  let viewer: string;
  let folder: string;
  let door: RecordedEpoch;
  beforeAll(async () => {
    api = await ApiApp.start();
    admin = (await api.apiToken('admin')).token;
    viewer = (await api.apiToken('viewer')).token;
    folder = await mkdtemp(join(tmpdir(), 'vedette-shares-'));
    await makeBarcodeClip(join(folder, 'door.ts'), { frames: 150, fps: FPS, widthPx: WIDTH, heightPx: HEIGHT, gop: 50, bframes: 2 });
    door = await recordedEpoch(api.sql, join(folder, 'door.ts'), api.config.mediaDir);
    await new LedgerSeed(api.sql).partitions(new Date(door.startedAtMs));
  });
  afterAll(async () => {
    await api.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const ptsOf = (index: number): number => Math.round(door.facts[0]!.ptsStartUs + index * FRAME_US);
  const frames = (first: number, last: number) => ({
    ...{ streamId: door.streamId, epochId: door.epochId, fromPtsUs: ptsOf(first), toPtsUs: ptsOf(last) },
  });
  const post = (path: string, body: object, bearer = admin): Promise<Response> => api.call('POST', path, { bearer, body });
  async function ended(id: string): Promise<wire.ClipWire> {
    return until(`clip ${id} has ended`, async () => {
      const clip = wire.clipWire.parse(await (await api.call('GET', `/api/clips/${id}`, { bearer: admin })).json());
      return ENDED.includes(clip.state) ? clip : undefined;
    });
  }
  async function made(body: object): Promise<wire.ClipWire> {
    const { id } = wire.clipWire.parse(await (await post('/api/clips', body)).json());
    return ended(id);
  }
  async function shared(body: object): Promise<wire.NewShareWire & { path: string }> {
    const response = await post('/api/shares', { expiresInSeconds: 3_600, ...body });
    expect(response.status, await response.clone().text()).toBe(201);
    const share = wire.newShareWire.strict().parse(await response.json());
    return { ...share, path: new URL(share.url).pathname };
  }
  async function refusal(response: Response): Promise<[number, string]> {
    return [response.status, problemWire.strict().parse(await response.json()).code];
  }
  /** As a browser finds it on the page, relative to that. */
  function videoOn(html: string, path: string): string {
    const source = /<video [^>]*src="([^"]+)"/.exec(html)![1]!.replaceAll('&amp;', '&');
    const { pathname, search } = new URL(source, `http://host${path}`);
    return pathname + search;
  }
  async function detected(index: number, label = 'red', analyzerId = 'test.red'): Promise<void> {
    const { x, y, width, height } = rectangleAt(index);
    await api.sql.query(
      `INSERT INTO detections (run_id, ordinal, at, stream_id, epoch_id, analyzer_id, pts_us, label, score, x, y, width, height)
        VALUES (1, $1, $2, $3, $4, $5, $6, $7, 0.87, $8, $9, $10, $11)`,
      [index, new Date(door.startedAtMs + index * 40), door.streamId, door.epochId, analyzerId, ptsOf(index), label, x, y, width, height],
    );
  }
  /** Whether the left edge of the frame's box is drawn in the colour of the first label. */
  function hasBox(rgb: Buffer, index: number): boolean {
    const box = rectangleAt(index);
    const [x, y] = [Math.round(box.x * WIDTH), Math.round((box.y + box.height / 2) * HEIGHT)];
    // Two columns share their colour in the clip: one of the two is of the line alone.
    return [x, x + 1].some((column) => {
      const at = (y * WIDTH + column) * 3;
      const [red = 0, green = 0, blue = 0] = rgb.subarray(at, at + 3);
      return Math.abs(red - 255) < 70 && Math.abs(green - 165) < 70 && blue < 90;
    });
  }

  it('links open one clip to whoever has them, are counted, and are on record', async () => {
    const clip = await made({ ...frames(0, 99), title: '<b>Door</b> & "more"' });
    const share = await shared({ clipId: clip.id });
    expect(share.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/share\/vdl_[\w-]{32}$/);
    const page = await api.call('GET', share.path);
    const html = await page.text();
    expect(page.status).toBe(200);
    expect(page.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; media-src 'self'; style-src 'sha256-[\w+/=]+'; base-uri/,
    );
    expect([page.headers.get('cache-control'), page.headers.get('referrer-policy')]).toEqual(['no-store', 'no-referrer']);
    expect(html).toContain('&lt;b&gt;Door&lt;/b&gt; &amp; &quot;more&quot;');
    expect(html).not.toMatch(/<script|<b>/);
    const style = /<style>([^]*?)<\/style>/.exec(html)![1]!;
    expect(page.headers.get('content-security-policy')).toContain(createHash('sha256').update(style).digest('base64'));

    const video = videoOn(html, share.path);
    const bytes = Buffer.from(await (await api.call('GET', video)).arrayBuffer());
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(clip.sha256);
    const part = await api.call('GET', video, { headers: { range: 'bytes=5-9' } });
    expect([part.status, Buffer.from(await part.arrayBuffer())]).toEqual([206, bytes.subarray(5, 10)]);
    const listed = async () =>
      wire.shareWire.parse(
        ((await (await api.call('GET', `/api/shares?clipId=${clip.id}`, { bearer: admin })).json()) as { items: unknown[] }).items[0],
      );
    // The page counted; what it gave its player did not.
    expect(await listed()).toMatchObject({ views: 1, lastUsedAddress: '127.0.0.1', title: '<b>Door</b> & "more"' });
    expect((await api.call('GET', `${share.path}/clip.mp4`)).status).toBe(200);
    expect((await api.call('GET', `${share.path}/clip.mp4?view=${Date.now() + 1e6}.AAAA`)).status).toBe(200);
    expect(await listed()).toMatchObject({ views: 3 });
    const { rows } = await api.sql.query<{ action: string }>('SELECT action FROM audit WHERE target = $1 ORDER BY id', [share.id]);
    expect(rows.map(({ action }) => action)).toEqual(['share.create', 'share.use', 'share.use', 'share.use']);
    const stored = await api.sql.query<{ row: string }>('SELECT shares::text AS row FROM shares WHERE id = $1', [share.id]);
    expect(stored.rows[0]!.row).not.toContain(share.path.slice('/share/'.length));
    const trail = await api.sql.query('SELECT FROM audit WHERE detail::text LIKE $1', [`%${share.path.slice('/share/'.length)}%`]);
    expect(trail.rowCount).toBe(0);
  });

  it('links end: by time, by views, by being withdrawn, with their clip', async () => {
    const clip = await made(frames(0, 40));
    const [late, few, withdrawn, last] = [
      await shared({ clipId: clip.id }),
      await shared({ clipId: clip.id, maxViews: 1 }),
      await shared({ clipId: clip.id }),
      await shared({ clipId: clip.id }),
    ];
    const asked = async (path: string): Promise<[number, RegExpExecArray | null]> => {
      const answer = await api.call('GET', path);
      return [answer.status, /<h1>([^<]+)/.exec(await answer.text())];
    };
    await api.sql.query(`UPDATE shares SET expires_at = now() - interval '1 second' WHERE id = $1`, [late.id]);
    expect((await asked(late.path))[0]).toBe(410);
    expect((await asked(late.path))[1]![1]).toBe('The link has expired');
    expect(await refusal(await api.call('GET', `${late.path}/clip.mp4`))).toEqual([410, 'VD_SHARE_EXPIRED']);

    const first = await api.call('GET', few.path);
    const video = videoOn(await first.text(), few.path);
    expect((await asked(few.path))[0]).toBe(410);
    expect(await refusal(await api.call('GET', `${few.path}/clip.mp4`))).toEqual([410, 'VD_SHARE_EXPIRED']);
    // Whoever watches may watch to the end.
    expect((await api.call('GET', video)).status).toBe(200);
    // And with what they were given, nothing else.
    expect((await api.call('GET', video.replace(few.path, late.path))).status).toBe(410);

    const watched = videoOn(await (await api.call('GET', withdrawn.path)).text(), withdrawn.path);
    expect(await (await post(`/api/shares/${withdrawn.id}/revoke`, {})).json()).toMatchObject({
      revokedBy: expect.stringContaining('admin'),
    });
    expect((await asked(withdrawn.path))[0]).toBe(410);
    expect((await api.call('GET', watched)).status).toBe(410);

    expect((await api.call('DELETE', `/api/clips/${clip.id}`, { bearer: admin })).status).toBe(204);
    expect((await asked(last.path))[0]).toBe(404);
    expect(await refusal(await api.call('GET', `${last.path}/clip.mp4`))).toEqual([404, 'VD_SHARE_UNKNOWN']);
  });

  it('links are for admins to make and see, refuse what makes no sense, and are no way to guess', async () => {
    const clip = await made(frames(0, 40));
    const body = { clipId: clip.id, expiresInSeconds: 600 };
    expect(await refusal(await post('/api/shares', body, viewer))).toEqual([403, 'VD_AUTH_FORBIDDEN']);
    expect(await refusal(await api.call('GET', '/api/shares', { bearer: viewer }))).toEqual([403, 'VD_AUTH_FORBIDDEN']);
    expect(await refusal(await post('/api/shares', { ...body, expiresInSeconds: 300 * 86_400 }))).toEqual([400, 'VD_SHARE_TOO_LONG']);
    expect(await refusal(await post('/api/shares', { ...body, expiresInSeconds: 1 }))).toEqual([400, 'VD_API_INVALID']);
    expect(await refusal(await post('/api/shares', { ...body, streamId: door.streamId }))).toEqual([400, 'VD_CLIP_RANGE_INVALID']);
    expect(await refusal(await post('/api/shares', { ...body, clipId: door.streamId }))).toEqual([404, 'VD_API_NOT_FOUND']);
    const share = await shared({ clipId: clip.id });
    const guesses = Array.from({ length: 25 }, (_, i) => `/share/vdl_${String(i).padStart(32, 'x')}`);
    const statuses = [];
    for (const guess of [...guesses, '/share/x', `/share/${'y'.repeat(500)}`]) statuses.push((await api.call('GET', guess)).status);
    expect(statuses[0]).toBe(404);
    expect(statuses.slice(22, 26)).toEqual([429, 429, 429, 429]);
    const files = [await api.call('GET', `${guesses[0]!}/clip.mp4`), await api.call('GET', `${guesses[1]!}/clip.mp4`)];
    expect(await refusal(files[0]!)).toEqual([429, 'VD_SHARE_TOO_OFTEN']);
    expect(files[1]!.headers.get('retry-after')).toMatch(/^\d+$/);
    // Who has a link is served all the same.
    expect((await api.call('GET', share.path)).status).toBe(200);
  });

  it('a link to a range makes the clip, and waits for it', async () => {
    const share = await shared({ ...frames(0, 60), mode: 'exact', title: 'range' });
    const html = await until('the page has the clip', async () => {
      const text = await (await api.call('GET', share.path)).text();
      return text.includes('<video') ? text : undefined;
    });
    const bytes = Buffer.from(await (await api.call('GET', videoOn(html, share.path))).arrayBuffer());
    expect((await framesOf(bytes)).map(({ index }) => index)).toEqual(Array.from({ length: 61 }, (_, i) => i));
  });

  it('boxes are drawn into exactly the frames that they belong to', async () => {
    for (const index of [60, 61, 62, 70]) await detected(index);
    const clip = await made({ ...frames(55, 90), mode: 'burned' });
    expect(clip).toMatchObject({ state: 'done', detail: null });
    const response = await api.call('GET', `/api/clips/${clip.id}/clip.mp4`, { bearer: viewer });
    const seen = await framesOf(Buffer.from(await response.arrayBuffer()));
    expect(seen.map(({ index }) => index)).toEqual(Array.from({ length: 36 }, (_, i) => 55 + i));
    // Each with its own, until the next is known; 500 ms after the last there is none.
    const at = (index: number, box = index): boolean => hasBox(seen[index - 55]!.rgb, box);
    expect([at(59, 60), at(60), at(61), at(62), at(69, 62), at(70), at(82, 70), at(83, 70)]).toEqual([
      false,
      true,
      true,
      true,
      true,
      true,
      true,
      false,
    ]);
    expect([at(61, 60), at(70, 62)]).toEqual([false, false]);
  });

  it('snapshots are the very frame, at full size, with and without boxes', async () => {
    await detected(20, 'red', 'test.still');
    const snapshot = async (query: string, bearer = viewer): Promise<Response> =>
      api.call('GET', `/api/streams/${door.streamId}/snapshot?${query}`, { bearer });
    const read = async (response: Response) => {
      expect(response.status, response.ok ? '' : await response.clone().text()).toBe(200);
      const { data, info } = await sharp(Buffer.from(await response.arrayBuffer()))
        .removeAlpha()
        .raw()
        .toBuffer({ resolveWithObject: true });
      const fit = {
        frameWidthPx: info.width,
        frameHeightPx: info.height,
        contentWidthPx: info.width,
        contentHeightPx: info.height,
        offsetXPx: 0,
        offsetYPx: 0,
      };
      return {
        data,
        size: [info.width, info.height],
        index: readBarcode({ data, widthPx: info.width, heightPx: info.height, format: 'rgb24', fit }),
      };
    };
    const plain = await read(await snapshot(`epochId=${door.epochId}&ptsUs=${ptsOf(20)}&format=png`));
    expect([plain.index, plain.size, hasBox(plain.data, 20)]).toEqual([20, [WIDTH, HEIGHT], false]);
    const boxed = await snapshot(`epochId=${door.epochId}&ptsUs=${ptsOf(20)}&boxes=1`);
    expect([boxed.headers.get('content-type'), boxed.headers.get('content-disposition')]).toEqual([
      'image/jpeg',
      expect.stringContaining('Front door'),
    ]);
    const drawn = await read(boxed);
    expect([drawn.index, hasBox(drawn.data, 20)]).toEqual([20, true]);
    const at = await read(await snapshot(`at=${new Date(door.startedAtMs + 33 * 40 + 5).toISOString()}`));
    expect(at.index).toBe(33);
    expect(await refusal(await snapshot(`epochId=${door.epochId}`))).toEqual([400, 'VD_API_INVALID']);
    expect(await refusal(await snapshot('at=2001-01-01T00:00:00Z'))).toEqual([404, 'VD_FRAME_NOT_FOUND']);
  });

  it('a case is an archive of clips with checksums, events and a page', async () => {
    await api.sql.query(
      `INSERT INTO events (stream_id, epoch_id, analyzer_id, config_hash, name, state, start_pts_us, start_at, end_pts_us, end_at, first_run_id, last_run_id, key)
        VALUES ($1, $2, 'test.red', '0123456789abcdef', 'door-open', 'closed', $3, $4, $5, $6, 1, 1, 'k')`,
      [door.streamId, door.epochId, ptsOf(30), new Date(door.startedAtMs + 1_200), ptsOf(40), new Date(door.startedAtMs + 1_600)],
    );
    const items = [frames(0, 60), { ...frames(20, 30), mode: 'exact', title: 'close "up"' }];
    expect(await refusal(await post('/api/cases', { title: 'x', items: [] }))).toEqual([400, 'VD_API_INVALID']);
    expect(await refusal(await post('/api/cases', { title: 'x', items }, viewer))).toEqual([403, 'VD_AUTH_FORBIDDEN']);
    const made = await post('/api/cases', { title: 'Case 7', items });
    expect(made.status, await made.clone().text()).toBe(202);
    const { id } = wire.caseWire.strict().parse(await made.json());
    const done = await until('the case is done', async () => {
      const found = wire.caseWire.parse(await (await api.call('GET', `/api/cases/${id}`, { bearer: admin })).json());
      return found.state === 'done' ? found : undefined;
    });
    expect(done).toMatchObject({ progress: 1, detail: null, clips: [{ mode: 'copy' }, { mode: 'exact', title: 'close "up"' }] });
    const response = await api.call('GET', `/api/cases/${id}/case.zip`, { bearer: admin });
    const bytes = Buffer.from(await response.arrayBuffer());
    expect(Number(response.headers.get('content-length'))).toBe(bytes.length);
    const entries = zipEntries(bytes);
    const text = (name: string): string => entries.get(name)!.toString('utf8');
    const listed = JSON.parse(text('case.json')) as { clips: { file: string; events: string; sha256: string }[] };
    for (const [at, { file, sha256 }] of listed.clips.entries()) {
      const has = createHash('sha256').update(entries.get(file)!).digest('hex');
      expect([sha256, has]).toEqual([done.clips[at]!.sha256, done.clips[at]!.sha256]);
    }
    const names = listed.clips.map(({ events }) => text(events).split('\n').filter(Boolean));
    expect(names.map((lines) => lines.map((line) => (JSON.parse(line) as { name: string }).name))).toEqual([['door-open'], ['door-open']]);
    expect(text('index.html')).toContain('close &quot;up&quot;');
    expect(entries.size).toBe(6);
    const inList = (await (await api.call('GET', '/api/clips?limit=200', { bearer: admin })).json()) as { items: { id: string }[] };
    expect(inList.items.map((clip) => clip.id)).not.toContain(done.clips[0]!.id);
    expect((await api.call('DELETE', `/api/cases/${id}`, { bearer: admin })).status).toBe(204);
    expect(await refusal(await api.call('GET', `/api/clips/${done.clips[0]!.id}`, { bearer: admin }))).toEqual([404, 'VD_API_NOT_FOUND']);
  });
});
