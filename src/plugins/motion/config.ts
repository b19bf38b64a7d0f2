import { durationMs, z } from 'vedette/plugin';
import { CellMask } from './cell-mask.js';

const share = z.number().min(0).max(1);
const MAX_AREAS = 32;
const MAX_CORNERS = 64;
const MIN_AREA = 1e-4;

/** Twice the area that the corners enclose, signed. */
const twiceArea = (corners: readonly (readonly [number, number])[]): number =>
  corners.reduce((sum, [x, y], i) => {
    const [nextX, nextY] = corners[(i + 1) % corners.length]!;
    return sum + x * nextY - nextX * y;
  }, 0);

/** A part of the picture in 0..1, origin top-left: a box `[x, y, width, height]`, or a polygon by its corners. */
const area = z.union([
  z.strictObject({
    box: z
      .tuple([share, share, share, share])
      .refine(
        ([x, y, width, height]) => width > 0 && height > 0 && x + width <= 1 + 1e-9 && y + height <= 1 + 1e-9,
        'a box [x, y, width, height] within 0..1, with width and height',
      ),
  }),
  z.strictObject({
    polygon: z
      .array(z.tuple([share, share]))
      .min(3)
      .max(MAX_CORNERS)
      .refine((corners) => Math.abs(twiceArea(corners)) / 2 >= MIN_AREA, 'a polygon that encloses something'),
  }),
]);
export type Area = z.output<typeof area>;

export const motionConfig = z
  .strictObject({
    /** Frames looked at per second of media. */
    fps: z.number().min(1).max(30).default(5),
    /** 0: only large and plain changes; 1: the slightest. */
    sensitivity: share.default(0.5),
    /** Parts of the picture that are left out: trees, roads, clocks in the picture. */
    masks: z.array(area).max(MAX_AREAS).default([]),
    /** Where given, only these parts are looked at. */
    areas: z.array(area).min(1).max(MAX_AREAS).optional(),
    /** Shorter motion is no event. */
    minDuration: durationMs.prefault('400ms'),
    /** Stillness after which an event of motion is over. */
    quiet: durationMs.prefault('2s'),
    /** What has moved and then stands still for this long belongs to the background. */
    settle: durationMs.prefault('10s'),
    /** A change of more than this share of the picture at once is one of light or view, not motion; the background is learnt anew. */
    lightShare: z.number().min(0.1).max(1).default(0.6),
    maxRegions: z.number().int().min(1).max(200).default(20),
    gate: z
      .strictObject({
        /**
         * Close on still keyframes alone, where packet sizes tell nothing (constant bit rate, much noise). Misses what happens between
         * two keyframes.
         */
        keyframesSuffice: z.boolean().default(false),
        /** Segments from which a stream's usual packet sizes are learnt; until then the gate is open. */
        learnSegments: z.number().int().min(4).max(60).default(8),
      })
      .prefault({}),
  })
  .refine(({ masks, areas }) => CellMask.of(masks, areas, 80, 45).watched > 0, {
    path: ['masks'],
    message: 'leave nothing of the picture to look at',
  });

export type MotionConfig = z.output<typeof motionConfig>;
