import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ForkedHostPool } from '../../../src/core/analysis/pool/analysis-host-pool.js';
import { type EvidenceResult, isEvidence, RESULT_LIMITS } from '../../../src/core/plugin-api/index.js';
import { readBarcode } from '../../../src/core/plugin-testing/index.js';
import { answered, SegmentBench, type Answered } from '../../support/analysis/bench-of-segments.js';
import { evidenceKeeper, HOSTILE_WAYS } from '../../support/analysis/evidence-plugin.js';
import { FakePluginRegistry } from '../../support/fakes/fake-plugin-registry.js';
import { damageSegment, jobFor, type SegmentedStream } from '../../support/analysis/segments.js';

const clip = { frames: 100, fps: 25, widthPx: 640, heightPx: 360, gop: 50, bframes: 2 } as const;

describe('evidence', () => {
  let bench: SegmentBench;
  let stream: SegmentedStream;
  let pool: ForkedHostPool;

  beforeAll(async () => {
    bench = await SegmentBench.create();
    stream = await bench.stream('clip.ts', clip);
    pool = bench.pool();
  });
  afterAll(() => bench.close());

  const keeping = async (config: object, sequence = 0, of = stream): Promise<Answered> => {
    const { analyzers } = FakePluginRegistry.of([{ plugin: evidenceKeeper, config: { ...config } }]);
    return answered(pool, jobFor(of, sequence, analyzers));
  };
  const frameNumberOf = async ({ picture }: EvidenceResult): Promise<number | null> => {
    const { data, info } = await sharp(Buffer.from(picture!.jpegBase64, 'base64')).raw().toBuffer({ resolveWithObject: true });
    const [widthPx, heightPx] = [info.width, info.height];
    expect({ widthPx, heightPx }).toEqual({ widthPx: picture!.widthPx, heightPx: picture!.heightPx });
    const fit = { frameWidthPx: widthPx, frameHeightPx: heightPx, offsetXPx: 0, offsetYPx: 0 };
    const content = { contentWidthPx: widthPx, contentHeightPx: heightPx };
    return readBarcode({ data, widthPx, heightPx, format: 'rgb24', fit: { ...fit, ...content } });
  };

  it.each([
    [0, 0],
    [0, 31],
    [1, 49],
  ])('of segment %d is the very frame that was asked for, %d, in colour and at most so large', async (sequence, best) => {
    const { results, reason, status } = await keeping({ best }, sequence);
    expect([status, reason]).toEqual(['done', undefined]);
    const [kept, ...others] = results.filter(isEvidence);
    expect(others).toEqual([]);
    expect(kept).toMatchObject({ key: 'lasting', rank: 0.9, picture: { region: { x: 0, y: 0, width: 1, height: 1 } } });
    expect(await frameNumberOf(kept!)).toBe(sequence * 50 + best);
    expect(Math.round((kept!.ptsUs - stream.facts[0]!.ptsStartUs) / 40_000)).toBe(sequence * 50 + best);
    const jpeg = Buffer.from(kept!.picture!.jpegBase64, 'base64');
    expect(jpeg.length).toBeLessThanOrEqual(RESULT_LIMITS.evidenceBytes);
    expect(Math.max(kept!.picture!.widthPx, kept!.picture!.heightPx)).toBeLessThanOrEqual(RESULT_LIMITS.evidenceSidePx);
    // It looks at grey pictures of 32 px; what is kept of them is the video's own.
    const { channels } = await sharp(jpeg).stats();
    expect(channels).toHaveLength(3);
  });

  it.each(HOSTILE_WAYS)('is refused where an analyzer asks for %s, and everything else it said is kept', async (hostile) => {
    const { results, reason, status } = await keeping({ hostile, best: 5 });
    expect(status).toBe('done');
    expect(reason).toMatch(/^VD_ANALYZER_EVIDENCE_REFUSED: /);
    expect(reason!.length).toBeLessThan(1_000);
    expect(results.filter(({ type }) => type !== 'evidence')).toMatchObject([{ type: 'metric', value: 50 }, { type: 'event' }]);
    expect(await frameNumberOf(results.filter(isEvidence)[0]!)).toBe(5);
    expect(results.filter(isEvidence).length).toBe(1);
  });

  it('is refused to an analyzer whose input does not say so', async () => {
    const { results, reason } = await keeping({ declared: false });
    expect(results.filter(isEvidence)).toEqual([]);
    expect(reason).toContain('evidence: true');
  });

  it('is never made of a picture that builds on damage', async () => {
    const damaged = await bench.stream('damaged.ts', clip);
    await damageSegment(damaged, 0, (bytes) => {
      // The middle of the segment: what follows up to the next keyframe builds on it.
      for (let at = Math.floor(bytes.length / 2); at < bytes.length / 2 + 600; at++) if (at % 188 > 8) bytes[at] = at % 251;
      return bytes;
    });
    const { results, status } = await keeping({ best: 49 }, 0, damaged);
    expect(status).toBe('partial');
    for (const kept of results.filter(isEvidence)) expect(await frameNumberOf(kept)).toBeLessThan(45);
    expect(results.filter(isEvidence)).toHaveLength(1);
  });
});
