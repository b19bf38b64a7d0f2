import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AnalysisResult, MetricResult, Plugin } from '../../../src/core/plugin-api/index.js';
import barcode from '../../fixtures/barcode-plugin.js';
import { answered, SegmentBench } from '../../support/analysis/bench-of-segments.js';
import { FakePluginRegistry } from '../../support/fakes/fake-plugin-registry.js';
import { frameCopy } from '../../support/analysis/frame-copy-plugin.js';
import { inWhole } from '../../support/analysis/in-parts.js';
import { jobFor, segmentPath, type SegmentedStream } from '../../support/analysis/segments.js';

const run = promisify(execFile);
const FRAMES = 250;
const FPS = 25;
const clip = { frames: FRAMES, fps: FPS, widthPx: 640, heightPx: 360, gop: 50 } as const;

interface CopiedFrame {
  readonly ptsUs: number;
  readonly index: number;
  readonly keyframe: boolean;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly pixels: Buffer;
}

const copies = (results: readonly AnalysisResult[]): CopiedFrame[] =>
  inWhole<Omit<CopiedFrame, 'pixels' | 'ptsUs'>>(results).map(({ ptsUs, facts, bytes }) => ({
    ...facts,
    ptsUs,
    pixels: Buffer.from(bytes),
  }));

function psnrDb(a: Buffer, b: Buffer): number {
  if (a.length !== b.length) return 0;
  let squares = 0;
  for (let i = 0; i < a.length; i++) squares += (a[i]! - b[i]!) ** 2;
  return squares === 0 ? Infinity : 10 * Math.log10((255 * 255 * a.length) / squares);
}

describe('frames that analyzers see', () => {
  let bench: SegmentBench;
  beforeAll(async () => (bench = await SegmentBench.create()));
  afterAll(() => bench.close());

  const analyzersOf = (plugin: Plugin, config: Record<string, unknown>) => FakePluginRegistry.of([{ plugin, config }]).analyzers;

  async function everySegment(stream: SegmentedStream, plugin: Plugin, config: Record<string, unknown>): Promise<AnalysisResult[]> {
    const pool = bench.pool({ config: { [plugin.id]: config } });
    const results: AnalysisResult[] = [];
    for (let sequence = 0; sequence < stream.facts.length; sequence++) {
      const task = await answered(pool, jobFor(stream, sequence, analyzersOf(plugin, config)));
      expect(task).toMatchObject({ status: 'done', framesSeen: task.framesExpected });
      results.push(...task.results);
    }
    await pool.close();
    return results;
  }

  it.each([
    ['H.264 with B-frames and sound', 'bframes.ts', { ...clip, bframes: 2, audio: true }],
    ['H.264 without either', 'plain.ts', clip],
    ['HEVC with B-frames', 'hevc.ts', { ...clip, frames: 100, codec: 'hevc', bframes: 2 }],
    ['keyframes only in the stream', 'intra.ts', { ...clip, frames: 60, gop: 1 }],
  ] as const)('are each there exactly once, in order, at the pts they are stored with (%s)', async (_, name, options) => {
    const stream = await bench.stream(name, options);
    const metrics = (await everySegment(stream, barcode, {})) as MetricResult[];
    expect(metrics.map((metric) => metric.value)).toEqual(Array.from({ length: options.frames }, (_, i) => i));
    const origin = stream.facts[0]!.ptsStartUs;
    expect(metrics.map((metric) => metric.ptsUs)).toEqual(metrics.map(({ value }) => origin + (value * 1_000_000) / FPS));
  });

  it.each([
    ['rgb24', 'rgb24'],
    ['gray8', 'gray'],
  ] as const)('are what ffmpeg makes of the same segment, pixel for pixel (%s)', async (format, pixelFormat) => {
    const stream = await bench.stream(`pixels-${format}.ts`, { ...clip, frames: 100, bframes: 2 });
    const frame = { widthPx: 160, heightPx: 90, fit: 'stretch', format } as const;
    const seen = copies(await everySegment(stream, frameCopy, { frame }));
    const reference: Buffer[] = [];
    for (let sequence = 0; sequence < stream.facts.length; sequence++) {
      const file = join(bench.folder, segmentPath(stream, sequence));
      const scale = ['-vf', 'scale=160:90:flags=fast_bilinear', '-pix_fmt', pixelFormat];
      const { stdout } = await run('ffmpeg', ['-v', 'error', '-i', file, ...scale, '-f', 'rawvideo', '-'], {
        encoding: 'buffer',
        maxBuffer: 2 ** 28,
      });
      const bytes = 160 * 90 * (format === 'rgb24' ? 3 : 1);
      for (let at = 0; at < stdout.length; at += bytes) reference.push(stdout.subarray(at, at + bytes));
    }
    expect(seen).toHaveLength(reference.length);
    for (const [i, { pixels }] of seen.entries()) expect(psnrDb(pixels, reference[i]!), `frame ${i}`).toBeGreaterThan(60);
  });

  it('come at an even rate across segments, whatever a segment holds', async () => {
    const stream = await bench.stream('rate.ts', clip, 2);
    const shown = copies(
      await everySegment(stream, frameCopy, {
        sampling: { fps: 3 },
        frame: { widthPx: 32, heightPx: 18, fit: 'stretch', format: 'gray8' },
      }),
    );
    const steps = shown.slice(1).map(({ ptsUs }, i) => ptsUs - shown[i]!.ptsUs);
    expect(shown).toHaveLength(30);
    expect(new Set(steps)).toEqual(new Set([320_000, 360_000]));
  });

  it('are the keyframes where only those are wanted', async () => {
    const stream = await bench.stream('keyframes.ts', { ...clip, gop: 10, bframes: 2 });
    const shown = copies(
      await everySegment(stream, frameCopy, {
        sampling: { keyframes: true },
        frame: { widthPx: 32, heightPx: 18, fit: 'stretch', format: 'gray8' },
      }),
    );
    expect(shown.map(({ ptsUs }) => ptsUs)).toEqual(stream.facts.flatMap((facts) => facts.keyframePtsUs));
    expect(shown.every(({ keyframe }) => keyframe)).toBe(true);
  });

  it('lie where the letterbox says, with grey around', async () => {
    const stream = await bench.stream('letterbox.ts', { ...clip, frames: 25 });
    const frame = { widthPx: 160, heightPx: 160, fit: 'letterbox', format: 'rgb24' } as const;
    const [boxed] = copies(await everySegment(stream, frameCopy, { frame }));
    const [plain] = copies(await everySegment(stream, frameCopy, { frame: { ...frame, heightPx: 90, fit: 'stretch' } }));
    const rowBytes = 160 * 3;
    expect(boxed!.pixels.subarray(35 * rowBytes, 125 * rowBytes).equals(plain!.pixels)).toBe(true);
    expect(new Set(boxed!.pixels.subarray(0, 35 * rowBytes))).toEqual(new Set([114]));
    expect(new Set(boxed!.pixels.subarray(125 * rowBytes))).toEqual(new Set([114]));
  });

  it('lie beside grey bars in an upright frame too', async () => {
    const stream = await bench.stream('pillarbox.ts', { ...clip, widthPx: 180, heightPx: 320, frames: 5 });
    const [boxed] = copies(
      await everySegment(stream, frameCopy, { frame: { widthPx: 160, heightPx: 90, fit: 'letterbox', format: 'gray8' } }),
    );
    const row = boxed!.pixels.subarray(0, 160);
    expect(new Set(row.subarray(0, 54))).toEqual(new Set([114]));
    expect(new Set(row.subarray(106))).toEqual(new Set([114]));
    expect(row.subarray(60, 100).some((level) => level !== 114)).toBe(true);
  });

  it('keep the colours of streams that declare BT.709', async () => {
    const stream = await bench.stream('bt709.ts', {
      ...clip,
      frames: 10,
      encoderOptions: ['-colorspace', 'bt709', '-color_primaries', 'bt709', '-color_trc', 'bt709', '-color_range', 'tv'],
    });
    const [seen] = copies(
      await everySegment(stream, frameCopy, { frame: { widthPx: 160, heightPx: 90, fit: 'stretch', format: 'rgb24' } }),
    );
    const file = join(bench.folder, segmentPath(stream, 0));
    const { stdout } = await run(
      'ffmpeg',
      ['-v', 'error', '-i', file, '-frames:v', '1', '-vf', 'scale=160:90:flags=fast_bilinear', '-pix_fmt', 'rgb24', '-f', 'rawvideo', '-'],
      { encoding: 'buffer' },
    );
    expect(psnrDb(seen!.pixels, stdout)).toBeGreaterThan(60);
  });
});
