import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { fitPicture } from '../../../src/core/decode/fit.js';
import { Box, type Box01, type DetectionResult, type FitTransform, type Frame } from '../../../src/core/plugin-api/index.js';
import { ffmpeg } from '../media/ffmpeg.js';

const run = promisify(execFile);

/** Real pedestrians, 768x576 at 10 frames a second: Debian's package opencv-doc brings it. Its terms are not stated, so it is not in git. */
export const PEDESTRIANS = '/usr/share/doc/opencv-doc/examples/data/vtest.avi';
export const hasPedestrians = existsSync(PEDESTRIANS);

/** A person who stands still; NASA's, in the public domain. */
export const ASTRONAUT = fileURLToPath(new URL('../../fixtures/persons/astronaut.jpg', import.meta.url));
/** Where she is in it, drawn by hand. */
export const ASTRONAUT_BOX = Box.from01(0.04, 0.03, 0.67, 0.97);

/** Films persons, 20 s at 10 frames a second: those who walk, where the clip is installed, or else her, by a camera that sways. */
export async function filmPersons(file: string): Promise<void> {
  const sway = "color=c=0x606870:s=1280x720:r=10[wall];[0:v]scale=720:720[her];[wall][her]overlay=x='280+60*sin(t)':y=0";
  const source = hasPedestrians ? ['-i', PEDESTRIANS] : ['-loop', '1', '-framerate', '10', '-i', ASTRONAUT, '-filter_complex', sway];
  await ffmpeg(...source, ...['-t', '20', '-an', '-c:v', 'libx264', '-preset', 'veryfast', '-pix_fmt', 'yuv420p', '-g', '20', file]);
}

type CornersPx = readonly [x0: number, y0: number, x1: number, y1: number];

interface LabelledFrame {
  /** Counted from 0 in the clip. */
  readonly frame: number;
  readonly persons: readonly CornersPx[];
  /** Of whom less than half is to be seen: found or not, they do not count. */
  readonly hidden: readonly CornersPx[];
}

/** Boxes drawn by hand on ten frames, by looking at them; none of the detector's answers went into them. */
export const pedestrians = JSON.parse(readFileSync(new URL('../../fixtures/persons/vtest.json', import.meta.url), 'utf8')) as {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly frames: readonly LabelledFrame[];
};

export interface Size {
  readonly widthPx: number;
  readonly heightPx: number;
}

/** The photograph, letterboxed as an analyzer gets it. */
export async function astronautFrame(size: Size): Promise<Frame> {
  const fit = fitPicture({ ...size, fit: 'letterbox', format: 'rgb24' }, { widthPx: 512, heightPx: 512, sampleAspect: 1 });
  const data = await rgb(ASTRONAUT, scaled(size, fit));
  return { ptsUs: 0, index: 0, keyframe: true, ...size, format: 'rgb24', fit, data: new Uint8Array(data) };
}

/** The labelled frames, letterboxed as an analyzer gets them. */
export async function pedestrianFrames(size: Size): Promise<Frame[]> {
  const { frames, widthPx, heightPx } = pedestrians;
  const fit = fitPicture({ ...size, fit: 'letterbox', format: 'rgb24' }, { widthPx, heightPx, sampleAspect: 1 });
  const wanted = frames.map(({ frame }) => `eq(n,${frame})`).join('+');
  const stdout = await rgb(PEDESTRIANS, `select='${wanted}',${scaled(size, fit)}`);
  const sizeBytes = 3 * size.widthPx * size.heightPx;
  return frames.map(({ frame }, i) => ({
    ...{ ptsUs: frame * 100_000, index: frame, keyframe: false, ...size, format: 'rgb24', fit },
    data: new Uint8Array(stdout.subarray(i * sizeBytes, (i + 1) * sizeBytes)),
  }));
}

const scaled = ({ widthPx, heightPx }: Size, fit: FitTransform): string =>
  `scale=${fit.contentWidthPx}:${fit.contentHeightPx}:flags=fast_bilinear,` +
  `pad=${widthPx}:${heightPx}:${fit.offsetXPx}:${fit.offsetYPx}:0x727272`;

async function rgb(file: string, filters: string): Promise<Buffer> {
  const args = ['-v', 'error', '-nostdin', '-i', file, '-vf', filters, '-vsync', '0', '-pix_fmt', 'rgb24', '-f', 'rawvideo', 'pipe:1'];
  return (await run('ffmpeg', args, { encoding: 'buffer', maxBuffer: 2 ** 28 })).stdout;
}

export interface PersonFigures {
  readonly precision: number;
  readonly recall: number;
  readonly found: number;
  readonly missed: number;
  readonly wrong: number;
}

const LEAST_IOU = 0.5;
const LEAST_IOU_OF_HIDDEN = 0.3;

/** Holds detections against the labels: each person is found once, by the likeliest detection that overlaps it by half. */
export function personFigures(detections: readonly DetectionResult[]): PersonFigures {
  let [found, missed, wrong] = [0, 0, 0];
  for (const { frame, persons, hidden } of pedestrians.frames) {
    const open = new Set(persons.map(boxOf));
    const own = detections.filter(({ ptsUs }) => ptsUs === frame * 100_000).sort((a, b) => b.score - a.score);
    for (const { box } of own) {
      const [nearest] = [...open].sort((a, b) => Box.iou(box, b) - Box.iou(box, a));
      if (nearest !== undefined && Box.iou(box, nearest) >= LEAST_IOU) {
        open.delete(nearest);
        found++;
      } else if (!hidden.some((one) => Box.iou(box, boxOf(one)) >= LEAST_IOU_OF_HIDDEN)) wrong++;
    }
    missed += open.size;
  }
  return { precision: found / (found + wrong), recall: found / (found + missed), found, missed, wrong };
}

function boxOf([x0, y0, x1, y1]: CornersPx): Box01 {
  const { widthPx, heightPx } = pedestrians;
  return Box.from01(x0 / widthPx, y0 / heightPx, (x1 - x0) / widthPx, (y1 - y0) / heightPx);
}
