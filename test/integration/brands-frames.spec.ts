import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { brandWire, referenceWire } from '../../src/core/wire/brands.wire.js';
import { problemWire } from '../../src/core/wire/wire.js';
import { MediaServer } from '../../src/core/media/server/media-server.js';
import { SegmentSigner } from '../../src/core/media/store/segment-signer.js';
import { MediaNodes } from '../../src/core/persistence/media/media-nodes.js';
import { makeBarcodeClip, readBarcode, rectangleAt } from '../../src/core/plugin-testing/index.js';
import { damageSegment, segmentClip, segmentPath, type SegmentedStream } from '../support/analysis/segments.js';
import { ApiApp } from '../support/api-app.js';
import { SilentLogger } from '../support/fakes/silent-logger.js';
import { LedgerSeed, TEST_NODE_ID } from '../support/ledger-seed.js';

const FPS = 25;
const FRAME_US = 1_000_000 / FPS;

describe('frames of a stream', () => {
  let api: ApiApp;
  let admin: string;
  let viewer: string;
  let folder: string;
  let stream: SegmentedStream;
  beforeAll(async () => {
    api = await ApiApp.start();
    admin = (await api.apiToken('admin')).token;
    viewer = (await api.apiToken('viewer')).token;
    folder = await mkdtemp(join(tmpdir(), 'vedette-frames-'));
    await makeBarcodeClip(join(folder, 'clip.ts'), { frames: 150, fps: FPS, widthPx: 640, heightPx: 360, gop: 50, bframes: 2 });
    stream = await registered(false);
  });
  afterAll(async () => {
    await api.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** Segments of two seconds, known to the ledger as ingest leaves them. */
  async function registered(
    isPrivate: boolean,
    at: { mediaDir: string; nodeId: string } = { mediaDir: api.config.mediaDir, nodeId: TEST_NODE_ID },
  ): Promise<SegmentedStream> {
    const cut = await segmentClip(join(folder, 'clip.ts'), at.mediaDir);
    const first = cut.facts[0]!.ptsStartUs;
    await api.sql.query(`INSERT INTO streams (id, name, title, adapter_id, private) VALUES ($1, $2, 't', 'rtmp', $3)`, [
      cut.streamId,
      `s-${cut.streamId}`,
      isPrivate,
    ]);
    await api.sql.query(
      `INSERT INTO epochs (id, stream_id, ordinal, ingest_id, started_at, pts_origin_us, video_codec, width_px, height_px)
        VALUES ($1, $2, 0, $4, now(), $3, 'h264', 640, 360)`,
      [cut.epochId, cut.streamId, first, at.nodeId],
    );
    for (const [sequence, facts] of cut.facts.entries()) {
      await api.sql.query(
        `INSERT INTO segments (stream_id, epoch_id, sequence, state, path, size_bytes, pts_start_us, pts_end_us, frame_count,
          keyframe_pts_us, at) VALUES ($1, $2, $3, 'ready', $4, $5, $6, $7, $8, $9, now())`,
        [
          cut.streamId,
          cut.epochId,
          sequence,
          segmentPath(cut, sequence),
          facts.sizeBytes,
          facts.ptsStartUs,
          facts.ptsEndUs,
          facts.frameCount,
          facts.keyframePtsUs,
        ],
      );
    }
    return cut;
  }

  const ptsOf = (of: SegmentedStream, index: number): number => Math.round(of.facts[0]!.ptsStartUs + index * FRAME_US);
  const frame = (
    of: SegmentedStream,
    ptsUs: number,
    more = '',
    options: { bearer?: string; headers?: Record<string, string> } = { bearer: admin },
  ): Promise<Response> => api.call('GET', `/api/streams/${of.streamId}/frame?epochId=${of.epochId}&ptsUs=${ptsUs}${more}`, options);
  async function numberOn(response: Response): Promise<{ index: number | null; widthPx: number; heightPx: number }> {
    const { data, info } = await sharp(Buffer.from(await response.arrayBuffer()))
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    const [widthPx, heightPx] = [info.width, info.height];
    const fit = {
      frameWidthPx: widthPx,
      frameHeightPx: heightPx,
      contentWidthPx: widthPx,
      contentHeightPx: heightPx,
      offsetXPx: 0,
      offsetYPx: 0,
    };
    return { index: readBarcode({ data, widthPx, heightPx, format: 'rgb24', fit }), widthPx, heightPx };
  }
  async function refusal(response: Response): Promise<[number, string]> {
    const problem = problemWire.strict().parse(await response.json());
    return [response.status, problem.code];
  }
  async function teach(of: SegmentedStream, ptsUs: number, box: object, name: string): Promise<Response> {
    const brand = brandWire.parse(await (await api.call('POST', '/api/brands', { bearer: admin, body: { name } })).json());
    return api.call('POST', `/api/brands/${brand.id}/references/from-frame`, {
      bearer: admin,
      body: { streamId: of.streamId, epochId: of.epochId, ptsUs, box },
    });
  }

  it.each([0, 1, 3, 24, 49, 50, 51, 97, 149])('gives frame %i at its time, and until the next one', async (index) => {
    for (const ptsUs of [ptsOf(stream, index), ptsOf(stream, index) + FRAME_US - 1_000]) {
      const response = await frame(stream, ptsUs);
      expect([response.status, response.headers.get('content-type'), response.headers.get('cache-control')]).toEqual([
        200,
        'image/jpeg',
        'private, max-age=31536000, immutable',
      ]);
      expect(await numberOn(response)).toEqual({ index, widthPx: 640, heightPx: 360 });
    }
  });

  it('gives them smaller, never larger, and from the cache of whoever has them', async () => {
    const small = await frame(stream, ptsOf(stream, 10), '&widthPx=320');
    expect(await numberOn(small)).toEqual({ index: 10, widthPx: 320, heightPx: 180 });
    expect(await numberOn(await frame(stream, ptsOf(stream, 10), '&widthPx=1920'))).toMatchObject({ widthPx: 640 });
    const again = await frame(stream, ptsOf(stream, 10), '&widthPx=320', {
      bearer: viewer,
      headers: { 'if-none-match': small.headers.get('etag') ?? '' },
    });
    expect([again.status, (await again.arrayBuffer()).byteLength]).toEqual([304, 0]);
  });

  it('serves many at once, each its own', async () => {
    const wanted = [5, 60, 110, 20, 140, 75, 30, 99];
    const found = await Promise.all(
      wanted.map(async (index) => numberOn(await frame(stream, ptsOf(stream, index), '&widthPx=320', { bearer: viewer }))),
    );
    expect(found.map(({ index }) => index)).toEqual(wanted);
  });

  it('says why there is none', async () => {
    expect(await refusal(await frame(stream, ptsOf(stream, 0) - 1_000_000))).toEqual([404, 'VD_FRAME_NOT_FOUND']);
    expect(await refusal(await frame(stream, ptsOf(stream, 150) + 1))).toEqual([404, 'VD_FRAME_NOT_FOUND']);
    expect(
      await refusal(await api.call('GET', `/api/streams/${stream.streamId}/frame?epochId=${stream.streamId}&ptsUs=0`, { bearer: admin })),
    ).toEqual([404, 'VD_FRAME_NOT_FOUND']);
    for (const query of [
      '',
      '?epochId=x&ptsUs=1',
      `?epochId=${stream.epochId}&ptsUs=1.5`,
      `?epochId=${stream.epochId}&ptsUs=1&widthPx=9999`,
    ]) {
      expect(await refusal(await api.call('GET', `/api/streams/${stream.streamId}/frame${query}`, { bearer: admin }))).toEqual([
        400,
        'VD_API_INVALID',
      ]);
    }

    const spoilt = await registered(false);
    await damageSegment(spoilt, 0, (bytes) => Buffer.from(bytes.map((byte, i) => (i > 1_000 && i % 188 > 20 ? byte ^ 0x5a : byte))));
    expect(await refusal(await frame(spoilt, ptsOf(spoilt, 30)))).toEqual([422, 'VD_FRAME_UNREADABLE']);
    await rm(join(api.config.mediaDir, segmentPath(spoilt, 1)));
    expect(await refusal(await frame(spoilt, ptsOf(spoilt, 60)))).toEqual([410, 'VD_FRAME_GONE']);
    await api.sql.query(`UPDATE segments SET state = 'deleted' WHERE epoch_id = $1 AND sequence = 2`, [spoilt.epochId]);
    expect(await refusal(await frame(spoilt, ptsOf(spoilt, 110)))).toEqual([410, 'VD_FRAME_GONE']);
    await api.sql.query(`UPDATE segments SET state = 'unreadable' WHERE epoch_id = $1 AND sequence = 2`, [spoilt.epochId]);
    expect(await refusal(await frame(spoilt, ptsOf(spoilt, 110)))).toEqual([422, 'VD_FRAME_UNREADABLE']);
    // A gap: the segment between two that are there was never written.
    await api.sql.query(`DELETE FROM segments WHERE epoch_id = $1 AND sequence = 1`, [spoilt.epochId]);
    expect(await refusal(await frame(spoilt, ptsOf(spoilt, 60)))).toEqual([404, 'VD_FRAME_NOT_FOUND']);
  });

  it('shows private streams to admins only, and nothing to strangers', async () => {
    const hidden = await registered(true);
    expect((await frame(hidden, ptsOf(hidden, 1))).status).toBe(200);
    expect(await refusal(await frame(hidden, ptsOf(hidden, 1), '', { bearer: viewer }))).toEqual([404, 'VD_API_NOT_FOUND']);
    expect((await frame(hidden, ptsOf(hidden, 1), '', {})).status).toBe(401);
    expect(
      await refusal(
        await api.call('GET', `/api/streams/${stream.streamId}/frame?epochId=${hidden.epochId}&ptsUs=${ptsOf(hidden, 1)}`, {
          bearer: viewer,
        }),
      ),
    ).toEqual([404, 'VD_FRAME_NOT_FOUND']);
  });

  it('are cut out of what another machine has', async () => {
    const [mediaDir, nodeId] = [join(folder, 'elsewhere'), randomUUID()];
    const elsewhere = await registered(false, { mediaDir, nodeId });
    expect(await refusal(await frame(elsewhere, ptsOf(elsewhere, 70)))).toEqual([503, 'VD_MEDIA_NO_URL']);
    const server = new MediaServer({
      mediaDir,
      listen: { host: '127.0.0.1', port: 0 },
      signer: api.app.get(SegmentSigner),
      logger: new SilentLogger(),
    });
    const nodes = api.app.get(MediaNodes, { strict: false });
    const other = randomUUID(); // what is known of a node is believed for some seconds
    await api.sql.query('UPDATE epochs SET ingest_id = $1 WHERE id = $2', [other, elsewhere.epochId]);
    await nodes.publish({
      id: other,
      name: 'one',
      url: `http://127.0.0.1:${await server.start()}`,
      host: 'h',
      freeBytes: null,
      writeFault: null,
    });
    expect((await numberOn(await frame(elsewhere, ptsOf(elsewhere, 70)))).index).toBe(70);
    await rm(join(mediaDir, segmentPath(elsewhere, 0)));
    expect(await refusal(await frame(elsewhere, ptsOf(elsewhere, 3)))).toEqual([410, 'VD_FRAME_GONE']);
    await server.stop();
  });

  it('teaches a brand from a box of a frame', async () => {
    const index = 70;
    const at = rectangleAt(index);
    // Half of the box is the clip's red rectangle, half what is beside it.
    const box = { x: at.x - at.width / 2, y: at.y, width: at.width, height: at.height };
    const response = await teach(stream, ptsOf(stream, index), box, 'Taught');
    const reference = referenceWire.strict().parse(await response.json());
    expect([response.status, reference]).toEqual([
      201,
      expect.objectContaining({
        source: 'frame',
        variant: 'frame',
        mediaType: 'image/png',
        hasAlpha: false,
        backgroundRemoved: false,
        widthPx: 128,
        heightPx: 108,
        frame: { streamId: stream.streamId, epochId: stream.epochId, ptsUs: ptsOf(stream, index), box },
      }),
    ]);
    const png = await api.call('GET', reference.imageUrl, { bearer: viewer });
    const { data, info } = await sharp(Buffer.from(await png.arrayBuffer()))
      .raw()
      .toBuffer({ resolveWithObject: true });
    const isRed = (x: number): boolean => {
      const [red = 0, green = 0, blue = 0] = data.subarray((50 * info.width + x) * info.channels);
      return red > 180 && green < 90 && blue < 90;
    };
    expect([20, 44, 84, 108].map(isRed)).toEqual([false, false, true, true]);
  });

  it('shows what was cut from a private stream to admins only', async () => {
    const hidden = await registered(true);
    const at = rectangleAt(70);
    // A corner of the rectangle: another shape than the other test's.
    const box = { x: at.x - at.width / 2, y: at.y + at.height / 2, width: at.width, height: at.height * 0.75 };
    const made = referenceWire.parse(await (await teach(hidden, ptsOf(hidden, 70), box, 'Secret')).json());
    const seenBy = async (bearer: string): Promise<unknown[]> => {
      const brand = brandWire.strict().parse(await (await api.call('GET', `/api/brands/${made.brandId}`, { bearer })).json());
      const [brands, references] = await Promise.all(
        ['/api/brands', `/api/brands/${made.brandId}/references`].map(async (path) =>
          JSON.stringify(await (await api.call('GET', path, { bearer })).json()),
        ),
      );
      const image = await api.call('GET', made.imageUrl, { bearer });
      await image.arrayBuffer();
      return [brand.references.length, brands!.includes(hidden.streamId), references!.includes(hidden.streamId), image.status];
    };
    expect(await seenBy(admin)).toEqual([1, true, true, 200]);
    expect(await seenBy(viewer)).toEqual([0, false, false, 404]);
    await api.sql.query('UPDATE streams SET private = false WHERE id = $1', [hidden.streamId]);
    expect(await seenBy(viewer)).toEqual([1, true, true, 200]);
  });

  it('says why a box teaches nothing', async () => {
    const at = ptsOf(stream, 20);
    const half = { x: 0.5, y: 0.5, width: 0.5, height: 0.5 };
    expect(await refusal(await teach(stream, at, { ...half, x: 0.7 }, 'Outside'))).toEqual([422, 'VD_FRAME_BOX_INVALID']);
    expect(await refusal(await teach(stream, at, { ...half, width: 0 }, 'Empty'))).toEqual([422, 'VD_FRAME_BOX_INVALID']);
    expect(await refusal(await teach(stream, at, { ...half, x: -1 }, 'Negative'))).toEqual([400, 'VD_API_INVALID']);
    expect(await refusal(await teach(stream, at, { x: 0.5, y: 0.85, width: 0.02, height: 0.1 }, 'Small'))).toEqual([
      422,
      'VD_BRAND_IMAGE_TOO_SMALL',
    ]);
    expect(await refusal(await teach(stream, ptsOf(stream, 500), half, 'Late'))).toEqual([404, 'VD_FRAME_NOT_FOUND']);
    const red = rectangleAt(20);
    expect(await refusal(await teach(stream, at, { x: red.x + 0.05, y: red.y + 0.05, width: 0.1, height: 0.15 }, 'Flat'))).toEqual([
      422,
      'VD_BRAND_IMAGE_NO_CONTRAST',
    ]);
    const hidden = await new LedgerSeed(api.sql).stream({ name: 'nothing-here' });
    expect(await refusal(await teach({ ...stream, streamId: hidden }, at, half, 'Elsewhere'))).toEqual([404, 'VD_FRAME_NOT_FOUND']);
  });
});
