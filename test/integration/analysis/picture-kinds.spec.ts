import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ForkedHostPool } from '../../../src/core/analysis/pool/analysis-host-pool.js';
import type { AnalysisResult, DetectionResult, MetricResult } from '../../../src/core/plugin-api/index.js';
import { makeBarcodeClip, readBarcode, rectangleAt } from '../../../src/core/plugin-testing/index.js';
import { framePicture } from '../../../src/core/references/reader/segment-frame.js';
import motion from '../../../src/plugins/motion/index.js';
import objectDetection from '../../../src/plugins/object-detection/index.js';
import visualAnalysis from '../../../src/plugins/visual-analysis/index.js';
import barcode from '../../fixtures/barcode-plugin.js';
import { never, resultOf, SegmentBench } from '../../support/analysis/bench-of-segments.js';
import { FakePluginRegistry } from '../../support/fakes/fake-plugin-registry.js';
import { frameCopy } from '../../support/analysis/frame-copy-plugin.js';
import { inWhole } from '../../support/analysis/in-parts.js';
import { jobFor, segmentClip, segmentPath, type SegmentedStream } from '../../support/analysis/segments.js';

const run = promisify(execFile);
const FRAMES = 10;
const FPS = 10;
/** One copy in colour, so that every picture is also scaled to colour in its own size. */
const COPY = { frame: { widthPx: 320, heightPx: 180, fit: 'stretch', format: 'rgb24' } } as const;
const SHAPES = { model: 'demo-shapes.onnx', fps: FPS };
const WATCHED = FakePluginRegistry.of([
  { plugin: barcode },
  { plugin: frameCopy, config: COPY },
  { plugin: objectDetection, config: SHAPES },
  { plugin: motion },
  { plugin: visualAnalysis },
]).analyzers.filter(({ input }) => 'frame' in input);

/** What a decoder may give: pixel format, marks of fields, range, matrix, crop and shape of pixels. */
interface PictureKind {
  readonly codec?: 'h264' | 'hevc';
  readonly encoder?: readonly string[];
  /** A filter of coded bytes: rewrites what the parameter sets declare and leaves the pictures as they are. */
  readonly declared?: string;
  readonly grey?: boolean;
  /** Size by what the parameter sets cut off. */
  readonly cropped?: readonly [widthPx: number, heightPx: number];
  /** The declared matrix is another than the picture was made with: colours shift, shapes stay. */
  readonly offColour?: boolean;
}

const pixels = (name: string): readonly string[] => ['-crf', '18', '-pix_fmt', name];
const KINDS: Readonly<Record<string, PictureKind>> = {
  // Both are MBAFF: no encoder here writes field pictures (PAFF) in H.264, so those are not covered.
  'interlaced, top field first': { encoder: [...pixels('yuv420p'), '-flags', '+ildct+ilme', '-top', '1'] },
  'interlaced, bottom field first': { encoder: [...pixels('yuv420p'), '-flags', '+ildct+ilme', '-top', '0'] },
  'progressive pictures marked as fields': { encoder: [...pixels('yuv420p'), '-x264opts', 'fake-interlaced=1'] },
  'full range by its JPEG format': { encoder: pixels('yuvj420p') },
  '4:0:0': { encoder: pixels('gray'), grey: true },
  '4:2:2': { encoder: pixels('yuv422p') },
  '4:4:4': { encoder: pixels('yuv444p') },
  RGB: { encoder: ['-c:v', 'libx264rgb', '-crf', '18', '-pix_fmt', 'rgb24'] },
  '10 bit': { encoder: pixels('yuv420p10le') },
  '10 bit 4:2:2, interlaced': { encoder: [...pixels('yuv422p10le'), '-flags', '+ildct+ilme'] },
  'HEVC of 12 bit': { codec: 'hevc', encoder: pixels('yuv420p12le') },
  'HEVC of 12 bit 4:4:4': { codec: 'hevc', encoder: pixels('yuv444p12le') },
  'HEVC 4:0:0': { codec: 'hevc', encoder: pixels('gray'), grey: true },
  ...Object.fromEntries(
    // BT.709, FCC, YCgCo, BT.2020 of two kinds, ICtCp: those that swscale knows, and those that it does not.
    [1, 4, 8, 9, 10, 14].map((matrix) => [
      `matrix ${matrix}`,
      { encoder: pixels('yuv420p'), declared: `h264_metadata=matrix_coefficients=${matrix}`, offColour: true },
    ]),
  ),
  'reserved matrix, primaries and transfer': {
    encoder: pixels('yuv420p'),
    declared: 'h264_metadata=matrix_coefficients=3:colour_primaries=3:transfer_characteristics=3',
    offColour: true,
  },
  'BT.2020 with PQ': {
    encoder: pixels('yuv420p10le'),
    declared: 'h264_metadata=matrix_coefficients=9:colour_primaries=9:transfer_characteristics=16',
    offColour: true,
  },
  'full range declared': { encoder: pixels('yuv420p'), declared: 'h264_metadata=video_full_range_flag=1', offColour: true },
  'chroma below the luma': { encoder: pixels('yuv420p'), declared: 'h264_metadata=chroma_sample_loc_type=4' },
  'pixels of 4:3': { encoder: pixels('yuv420p'), declared: 'h264_metadata=sample_aspect_ratio=4/3' },
  'a crop on the right and below': {
    encoder: pixels('yuv420p'),
    declared: 'h264_metadata=crop_right=2:crop_bottom=14',
    cropped: [318, 178],
  },
  'an odd crop of 4:4:4': {
    encoder: pixels('yuv444p'),
    declared: 'h264_metadata=crop_left=1:crop_right=2:crop_top=1:crop_bottom=14',
    cropped: [317, 177],
  },
};

describe('pictures of every kind', () => {
  let bench: SegmentBench;
  let pool: ForkedHostPool;
  beforeAll(async () => {
    bench = await SegmentBench.create();
    pool = bench.pool({ config: { 'frame-copy': COPY, 'object-detection': SHAPES } });
  });
  afterAll(() => bench.close());

  async function streamOf(name: string, { codec, encoder, declared }: PictureKind): Promise<SegmentedStream> {
    const file = bench.path(`${name.replaceAll(/[^a-z0-9]+/gi, '-')}.ts`);
    const clip = { frames: FRAMES, fps: FPS, widthPx: 320, heightPx: 180, gop: FRAMES, ...(codec ? { codec } : {}) } as const;
    await makeBarcodeClip(file, { ...clip, ...(encoder ? { encoderOptions: encoder } : {}) });
    if (declared === undefined) return segmentClip(file, bench.folder);
    await run('ffmpeg', ['-v', 'error', '-y', '-i', file, '-c', 'copy', '-bsf:v', declared, `${file}.ts`]);
    return segmentClip(`${file}.ts`, bench.folder);
  }

  it.each(Object.entries(KINDS))('are looked at by analyzers, as stills and as frames: %s', async (name, kind) => {
    const stream = await streamOf(name, kind);
    const job = jobFor(stream, 0, WATCHED);

    const { tasks } = await pool.execute(job, never);
    expect(tasks.map((task) => [task.status, 'reason' in task ? task.reason : undefined])).toEqual(WATCHED.map(() => ['done', undefined]));
    const results = (id: string): readonly AnalysisResult[] =>
      resultOf(
        { tasks } as never,
        WATCHED.findIndex(({ definition }) => definition.id === id),
      ).results;
    const numbers = results(WATCHED[0]!.definition.id) as MetricResult[];
    expect(numbers.map(({ value }) => value)).toEqual(Array.from({ length: FRAMES }, (_, i) => i));
    const [copy] = inWhole(results('frame-copy'));
    expectRectangle(Buffer.from(copy!.bytes), 320, 180, kind);
    const found = results('object-detection') as DetectionResult[];
    if (!kind.grey && !kind.offColour) expect(found.filter(({ label }) => label === 'red').length).toBeGreaterThan(FRAMES / 2);

    const still = await pool.sample(job, { fps: 1, maxPictures: 1, maxSidePx: 320, quality: 90, maxBytes: 1e6 }, never);
    expect(still.pictures).toHaveLength(1);
    const [picture] = still.pictures;
    const { ptsStartUs, widthPx, heightPx } = stream.facts[0]!;
    expect(await numberOn(picture!.jpeg)).toBe(Math.round((picture!.ptsUs - ptsStartUs) * FPS * 1e-6));

    const segment = await readFile(join(bench.folder, segmentPath(stream, 0)));
    const frame = await framePicture({ segment, ptsStartUs, ptsUs: ptsStartUs + 500_000 });
    expect(await numberOn(frame.bytes)).toBe(5);
    expect([widthPx, heightPx]).toEqual(kind.cropped ?? [320, 180]);
  });
});

/** In the middle of frame 0's rectangle it is red, or at least unlike the ground beside it. */
function expectRectangle(rgb: Buffer, widthPx: number, heightPx: number, { grey, offColour }: PictureKind): void {
  const { x, y, width, height } = rectangleAt(0);
  const at = (px: number, py: number): [number, number, number] => {
    const offset = 3 * (Math.round(py * heightPx) * widthPx + Math.round(px * widthPx));
    return [rgb[offset]!, rgb[offset + 1]!, rgb[offset + 2]!];
  };
  const inside = at(x + width / 2, y + height / 2);
  if (grey) return expect(Math.max(...inside) - Math.min(...inside)).toBeLessThan(4);
  const [red, green, blue] = inside;
  if (offColour) return expect(red + green + blue).toBeGreaterThan(0);
  expect(red).toBeGreaterThan(200);
  expect(Math.max(green, blue)).toBeLessThan(60);
}

async function numberOn(jpeg: Uint8Array): Promise<number | null> {
  const { data, info } = await sharp(jpeg).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const [widthPx, heightPx] = [info.width, info.height];
  const fit = {
    frameWidthPx: widthPx,
    frameHeightPx: heightPx,
    offsetXPx: 0,
    offsetYPx: 0,
    contentWidthPx: widthPx,
    contentHeightPx: heightPx,
  };
  return readBarcode({ data, widthPx, heightPx, format: 'rgb24', fit });
}
