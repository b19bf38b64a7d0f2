/**
 * A clip whose every frame says which one it is: a barcode along the lower edge, one block per bit, over a scene with
 * moving things whose places are a function of the frame number.
 */
export const FPS = 30;
export const CLIP_SECONDS = 60;
export const FRAMES = FPS * CLIP_SECONDS;
export const WIDTH = 1280;
export const HEIGHT = 720;
/** A white and a black block to recognise it by, then 16 bits, most significant first. Sizes in pixels of the full picture. */
export const BARCODE = { blocks: 18, blockWidth: 32, height: 32 } as const;
/** The picture stands still from here on, for as long as {@link moodOf} says that it is frozen. */
const FROZEN_AT_SECONDS = 40;

export type Rgb = readonly [red: number, green: number, blue: number];

/** Something that moves through the picture; its box is in 0..1 of the picture. */
export interface Thing {
  readonly label: string;
  readonly score: number;
  readonly trackId: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly rgb: Rgb;
}

/** What the picture does as a whole; the mock's metrics and events say the same. */
export interface Mood {
  readonly black: boolean;
  readonly frozen: boolean;
  /** Daylight, 0..1. */
  readonly day: number;
  readonly scene: number;
}

/** The frame whose things are in the picture of frame `n`: an earlier one while the picture is frozen. */
export const shownFrame = (n: number): number => (moodOf(n).frozen ? FROZEN_AT_SECONDS * FPS : n);

/** The things in frame `n`, as far as they are wholly inside the picture. */
export function thingsIn(n: number): Thing[] {
  const t = n / FPS;
  const things: Thing[] = [
    { label: 'car', score: 0.93, trackId: 'c1', x: ((t * 0.11) % 1.3) - 0.15, y: 0.6, width: 0.15, height: 0.12, rgb: [206, 92, 70] },
    {
      label: 'person',
      score: 0.87,
      trackId: 'p1',
      x: 0.5 + 0.28 * Math.sin(t * 0.7),
      y: 0.47 + 0.02 * Math.sin(t * 5),
      width: 0.05,
      height: 0.25,
      rgb: [226, 200, 120],
    },
    {
      label: 'dog',
      score: 0.64,
      trackId: 'd1',
      x: 0.42 + 0.3 * Math.sin(t * 0.7 + 0.5),
      y: 0.66,
      width: 0.07,
      height: 0.08,
      rgb: [150, 118, 96],
    },
    { label: 'bicycle', score: 0.41, trackId: 'b1', x: 1.1 - ((t * 0.17) % 1.4), y: 0.55, width: 0.09, height: 0.15, rgb: [90, 150, 190] },
  ];
  return things.filter((thing) => thing.x > 0.005 && thing.x + thing.width < 0.995);
}

export function moodOf(n: number): Mood {
  const t = n / FPS;
  const black = t >= 22 && t < 25;
  const frozen = t >= FROZEN_AT_SECONDS && t < FROZEN_AT_SECONDS + 4;
  const day = 0.5 + 0.5 * Math.sin((t / CLIP_SECONDS) * 2 * Math.PI);
  return { black, frozen, day, scene: Math.floor(t / 15) };
}
