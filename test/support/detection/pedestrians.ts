import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { fitPicture } from '../../../src/core/decode/fit.js';
import { Box, type Box01, type DetectionResult, type Frame } from '../../../src/core/plugin-api/index.js';

const run = promisify(execFile);

/** Real pedestrians, 768x576 at 10 frames a second: Debian's package opencv-doc brings it. Its terms are not stated, so it is not in git. */
export const PEDESTRIANS = '/usr/share/doc/opencv-doc/examples/data/vtest.avi';
export const hasPedestrians = existsSync(PEDESTRIANS);

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

/** The labelled frames, letterboxed as an analyzer gets them. */
export async function pedestrianFrames(size: Size): Promise<Frame[]> {
  const { frames, widthPx, heightPx } = pedestrians;
  const fit = fitPicture({ ...size, fit: 'letterbox', format: 'rgb24' }, { widthPx, heightPx, sampleAspect: 1 });
  const wanted = frames.map(({ frame }) => `eq(n,${frame})`).join('+');
  const filters = [
    `select='${wanted}'`,
    `scale=${fit.contentWidthPx}:${fit.contentHeightPx}:flags=fast_bilinear`,
    `pad=${size.widthPx}:${size.heightPx}:${fit.offsetXPx}:${fit.offsetYPx}:0x727272`,
  ];
  const { stdout } = await run(
    'ffmpeg',
    ['-v', 'error', '-nostdin', '-i', PEDESTRIANS, '-vf', filters.join(), '-vsync', '0', '-pix_fmt', 'rgb24', '-f', 'rawvideo', 'pipe:1'],
    { encoding: 'buffer', maxBuffer: 2 ** 28 },
  );
  const sizeBytes = 3 * size.widthPx * size.heightPx;
  return frames.map(({ frame }, i) => ({
    ...{ ptsUs: frame * 100_000, index: frame, keyframe: false, ...size, format: 'rgb24', fit },
    data: new Uint8Array(stdout.subarray(i * sizeBytes, (i + 1) * sizeBytes)),
  }));
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
