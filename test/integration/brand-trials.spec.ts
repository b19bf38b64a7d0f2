import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { brandTrialWire, type BrandTrialWire } from '../../src/core/wire/brands.wire.js';
import { analysisError } from '../../src/core/errors/analysis.errors.js';
import type { TaskOutcome } from '../../src/core/plugin-api/index.js';
import { ApiApp } from '../support/api-app.js';
import { LedgerSeed } from '../support/ledger-seed.js';
import { logoPng } from '../support/references/logos.js';

const PTS_ORIGIN_US = 1_400_000;

describe('trying an image before it is kept', () => {
  let api: ApiApp;
  let seed: LedgerSeed;
  let admin: string;
  let viewer: string;
  let streamId: string;
  let epochId: string;
  let logo: Buffer;
  beforeAll(async () => {
    api = await ApiApp.start();
    seed = new LedgerSeed(api.sql);
    await seed.partitions();
    admin = (await api.apiToken('admin')).token;
    viewer = (await api.apiToken('viewer')).token;
    streamId = await seed.stream({ name: 'hall' });
    const before = await seed.epoch(streamId, { ordinal: 0, startedAt: new Date(Date.now() - 600_000), state: 'closed' });
    await seed.segment(streamId, before, 0);
    epochId = await seed.epoch(streamId, { ordinal: 1, ptsOriginUs: PTS_ORIGIN_US });
    // 2 s each, of which the last is not to be had.
    for (let sequence = 0; sequence < 8; sequence++) await seed.segment(streamId, epochId, sequence, sequence === 7 ? 'deleted' : 'ready');
    logo = await logoPng(7);
  });
  afterAll(() => api.stop());
  beforeEach(() => api.trials.asked.splice(0));

  const send = (query: string, body: Buffer | string = logo, bearer = admin): Promise<Response> =>
    fetch(`${api.url}/api/brands/try?${query}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${bearer}`, 'content-type': 'image/png' },
      body: new Uint8Array(Buffer.from(body)),
    });
  async function tried(query: string, body?: Buffer | string): Promise<BrandTrialWire> {
    const response = await send(query, body);
    const text = await response.text();
    expect([response.status, text.slice(0, 300)]).toEqual([200, expect.any(String)]);
    return brandTrialWire.strict().parse(JSON.parse(text));
  }
  async function refusal(response: Promise<Response>): Promise<[number, string]> {
    const { status, code } = (await (await response).json()) as { status: number; code: string };
    return [status, code];
  }
  const sequences = (): number[] => api.trials.asked[0]!.jobs.map(({ segment }) => segment.sequence);

  it('looks in the last ten seconds, with nothing but that image', async () => {
    api.trials.answer = ({ segment, tasks }): TaskOutcome => ({
      ...{ runId: tasks[0]!.runId, status: 'done', framesSeen: 5, framesExpected: 5, cpuMs: 1 },
      results: [
        { type: 'event', phase: 'start', key: 'k', name: 'logo', ptsUs: segment.ptsStartUs },
        {
          ...{ type: 'detection', ptsUs: segment.ptsStartUs, label: 'candidate', score: 0.8 },
          box: { x: 0.1, y: 0.2, width: 0.3, height: 0.4 } as never,
        },
      ],
    });
    const answer = await tried(`streamId=${streamId}`);
    expect(sequences()).toEqual([2, 3, 4, 5, 6]);
    expect(answer).toMatchObject({ epochId, framesSeen: 25, fromPtsUs: PTS_ORIGIN_US + 4_000_000, toPtsUs: PTS_ORIGIN_US + 14_000_000 });
    expect(answer.found).toHaveLength(5);
    expect(answer.found[0]).toEqual({ ptsUs: PTS_ORIGIN_US + 4_000_000, score: 0.8, box: { x: 0.1, y: 0.2, width: 0.3, height: 0.4 } });
    expect(answer.image).toMatchObject({ mediaType: 'image/png', hasAlpha: true });
    const { kind, images } = api.trials.asked[0]!.references;
    expect([kind, images.length, images[0]!.rgba.length]).toEqual(['logo', 1, answer.image.widthPx * answer.image.heightPx * 4]);
    expect((await api.sql.query('SELECT 1 FROM detections UNION ALL SELECT 1 FROM reference_images')).rows).toEqual([]);
  });

  it('looks around a moment, and takes an icon in place of an image', async () => {
    await tried(`streamId=${streamId}&epochId=${epochId}&ptsUs=${PTS_ORIGIN_US + 3_500_000}&icon=nodedotjs`, '');
    expect(sequences()).toEqual([1]);
  });

  it('says why it could not', async () => {
    api.trials.answer = ({ tasks }) => ({
      ...{ runId: tasks[0]!.runId, status: 'failed', code: 'VD_MODEL_X', message: 'No model', retryable: false },
    });
    expect(await refusal(send(`streamId=${streamId}`))).toEqual([502, 'VD_BRAND_TRY_FAILED']);
    api.trials.answer = () => {
      throw analysisError('VD_ANALYSIS_UNAVAILABLE', 'no host');
    };
    expect(await refusal(send(`streamId=${streamId}`))).toEqual([502, 'VD_BRAND_TRY_FAILED']);
    expect(await refusal(send(`streamId=${streamId}`, 'no image'))).toEqual([422, 'VD_BRAND_IMAGE_UNREADABLE']);
    expect(await refusal(send(`streamId=${streamId}&icon=no_such_icon`))).toEqual([404, 'VD_BRAND_ICON_UNKNOWN']);
    expect(await refusal(send(`streamId=${streamId}&ptsUs=1`))).toEqual([400, 'VD_API_INVALID']);
    const gone = `streamId=${streamId}&epochId=${epochId}&ptsUs=${PTS_ORIGIN_US + 15_000_000}`;
    expect(await refusal(send(gone))).toEqual([404, 'VD_FRAME_NOT_FOUND']);
    expect(await refusal(send(`streamId=${await seed.stream()}`))).toEqual([404, 'VD_FRAME_NOT_FOUND']);
    expect(await refusal(send(`streamId=${epochId}`))).toEqual([404, 'VD_API_NOT_FOUND']);
  });

  it('is for admins', async () => {
    expect(await refusal(send(`streamId=${streamId}`, logo, viewer))).toEqual([403, 'VD_AUTH_FORBIDDEN']);
    expect(api.trials.asked).toEqual([]);
  });
});
