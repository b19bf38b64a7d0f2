import { Box, type Box01, type DetectionResult } from '../../../src/core/plugin-api/index.js';

/** A small seeded generator (mulberry32): the same scene on every machine. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export interface SceneOptions {
  readonly seed: number;
  readonly objects: number;
  readonly seconds: number;
  readonly fps: number;
  /** Share of the time between frames by which they come too early or too late. */
  readonly timeJitter?: number;
  /** Share of objects that the detector misses, occluded or not. */
  readonly missRate?: number;
  /** False alarms per frame. */
  readonly falseAlarms?: number;
  /** Standard error of a box's sides, in object sizes. */
  readonly boxNoise?: number;
}

export interface SceneFrame {
  readonly ptsUs: number;
  readonly truth: readonly { readonly identity: number; readonly label: string; readonly box: Box01 }[];
  readonly detections: readonly DetectionResult[];
}

const LABELS = ['person', 'car'];

/** Objects that walk about, turn, pass before each other and leave; what a detector would say of them, and the truth. */
export function motionScene(options: SceneOptions): SceneFrame[] {
  const { objects, seconds, fps, timeJitter = 0.2, missRate = 0.08, falseAlarms = 0.3, boxNoise = 0.04 } = options;
  const random = seededRandom(options.seed);
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const stepS = 1 / fps;
  const walkers = Array.from({ length: objects }, (_, identity) => {
    const size = 0.05 + random() * 0.1;
    const heading = random() * 2 * Math.PI;
    const speed = size * (0.2 + random() * 1.2);
    return {
      identity,
      label: LABELS[identity % LABELS.length]!,
      x: random(),
      y: random(),
      width: size * (0.5 + random() * 0.5),
      height: size,
      vx: speed * Math.cos(heading),
      vy: speed * Math.sin(heading),
      fromS: random() * seconds * 0.3,
      toS: seconds * (0.7 + random() * 0.3),
    };
  });
  return Array.from({ length: Math.floor(seconds * fps) }, (_, index) => {
    const timeS = index * stepS;
    for (const walker of walkers) {
      // Turning: an acceleration of up to half the object's size per second, each second.
      walker.vx += normal() * walker.height * 0.5 * stepS;
      walker.vy += normal() * walker.height * 0.5 * stepS;
      walker.x += walker.vx * stepS;
      walker.y += walker.vy * stepS;
      if (walker.x < 0.05 || walker.x > 0.95) walker.vx = Math.abs(walker.vx) * (walker.x < 0.5 ? 1 : -1);
      if (walker.y < 0.05 || walker.y > 0.95) walker.vy = Math.abs(walker.vy) * (walker.y < 0.5 ? 1 : -1);
    }
    const present = walkers.filter(({ fromS, toS }) => timeS >= fromS && timeS < toS);
    // Nearer objects stand lower in the picture and hide those behind them.
    const seen = present.map((walker) => {
      const box = boxOf(walker);
      const hidden = Math.max(
        0,
        ...present
          .filter((other) => other !== walker && other.y + other.height / 2 > walker.y + walker.height / 2)
          .map((other) => covered(box, boxOf(other))),
      );
      return { walker, box, hidden };
    });
    const ptsUs = 1_400_000 + Math.round((timeS + (random() - 0.5) * timeJitter * stepS) * 1e6);
    const detections: DetectionResult[] = [];
    for (const { walker, box, hidden } of seen) {
      const missed = random() < missRate;
      const noise = Array.from({ length: 4 }, () => normal() * boxNoise);
      const score = hidden > 0.4 ? 0.15 + random() * 0.3 : 0.6 + random() * 0.4;
      if (missed || hidden > 0.8) continue;
      const noisy = Box.from01(
        box.x + noise[0]! * box.width,
        box.y + noise[1]! * box.height,
        box.width * (1 + noise[2]!),
        box.height * (1 + noise[3]!),
      );
      if (noisy.width > 0 && noisy.height > 0) detections.push({ type: 'detection', ptsUs, label: walker.label, score, box: noisy });
    }
    for (let count = 0; count < 3; count++) {
      const [x, y, size, score] = [random(), random(), 0.04 + random() * 0.08, 0.15 + random() * 0.5];
      if (random() < falseAlarms / 3)
        detections.push({ type: 'detection', ptsUs, label: LABELS[count % 2]!, score, box: Box.from01(x * 0.9, y * 0.9, size, size) });
    }
    return {
      ptsUs,
      truth: seen.filter(({ hidden }) => hidden <= 0.8).map(({ walker, box }) => ({ identity: walker.identity, label: walker.label, box })),
      detections,
    };
  });
}

const boxOf = (walker: { x: number; y: number; width: number; height: number }): Box01 =>
  Box.from01(walker.x - walker.width / 2, walker.y - walker.height / 2, walker.width, walker.height);

/** Share of `box` behind `other`. */
function covered(box: Box01, other: Box01): number {
  const width = Math.min(box.x + box.width, other.x + other.width) - Math.max(box.x, other.x);
  const height = Math.min(box.y + box.height, other.y + other.height) - Math.max(box.y, other.y);
  return width <= 0 || height <= 0 ? 0 : (width * height) / Math.max(1e-9, box.width * box.height);
}
