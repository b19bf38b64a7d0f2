import type { Box01 } from '../box.js';

/**
 * Where an object is and where it goes: a Kalman filter of constant velocity for the box's centre, a random walk for its size.
 * Noise is measured in object sizes, as DeepSORT and ByteTrack do it, so that width and height share one covariance and a filter
 * is ten numbers. Time between observations may be anything: noise grows with it.
 */
export interface Motion {
  readonly centreX: number;
  readonly centreY: number;
  /** Per second, in frame widths and heights. */
  readonly velocityX: number;
  readonly velocityY: number;
  readonly width: number;
  readonly height: number;
  /** Variance of the centre, of centre and velocity together, of the velocity, of the size; in object sizes and seconds. */
  readonly varCentre: number;
  readonly covariance: number;
  readonly varVelocity: number;
  readonly varSize: number;
}

/** A detector's box is off by a twentieth of the object, as in ByteTrack. */
const MEASUREMENT_VARIANCE = 0.05 ** 2;
/** Strength of the unknown acceleration: ByteTrack's 1/160 of the size per frame, at 30 frames per second. */
const ACCELERATION_NOISE = (30 / 160) ** 2 * 30;
const SIZE_NOISE = 0.05 ** 2 * 30;
/** A new object may move twice its size in a second (ByteTrack: 10/160 of it per frame). */
const FIRST_VELOCITY_VARIANCE = 4;
const MAX_VELOCITY = 20;
const MIN_SIZE = 1e-4;

export function firstSeen(box: Box01): Motion {
  return rounded({
    centreX: box.x + box.width / 2,
    centreY: box.y + box.height / 2,
    velocityX: 0,
    velocityY: 0,
    width: box.width,
    height: box.height,
    varCentre: MEASUREMENT_VARIANCE,
    covariance: 0,
    varVelocity: FIRST_VELOCITY_VARIANCE,
    varSize: MEASUREMENT_VARIANCE,
  });
}

/** The same object `dtS` seconds later. */
export function predicted(motion: Motion, dtS: number): Motion {
  const { varCentre, covariance, varVelocity } = motion;
  return {
    ...motion,
    centreX: motion.centreX + motion.velocityX * dtS,
    centreY: motion.centreY + motion.velocityY * dtS,
    varCentre: varCentre + 2 * covariance * dtS + varVelocity * dtS ** 2 + (ACCELERATION_NOISE * dtS ** 3) / 3,
    covariance: covariance + varVelocity * dtS + (ACCELERATION_NOISE * dtS ** 2) / 2,
    varVelocity: varVelocity + ACCELERATION_NOISE * dtS,
    varSize: motion.varSize + SIZE_NOISE * dtS,
  };
}

/** Corrects a prediction by an observation. */
export function corrected(motion: Motion, box: Box01): Motion {
  const total = motion.varCentre + MEASUREMENT_VARIANCE;
  const gain = motion.varCentre / total;
  const velocityGain = motion.covariance / total;
  const sizeGain = motion.varSize / (motion.varSize + MEASUREMENT_VARIANCE);
  const offX = box.x + box.width / 2 - motion.centreX;
  const offY = box.y + box.height / 2 - motion.centreY;
  return rounded({
    centreX: motion.centreX + gain * offX,
    centreY: motion.centreY + gain * offY,
    velocityX: clamp(motion.velocityX + velocityGain * offX, MAX_VELOCITY),
    velocityY: clamp(motion.velocityY + velocityGain * offY, MAX_VELOCITY),
    width: motion.width + sizeGain * (box.width - motion.width),
    height: motion.height + sizeGain * (box.height - motion.height),
    varCentre: motion.varCentre * (1 - gain),
    covariance: motion.covariance * (1 - gain),
    varVelocity: motion.varVelocity - velocityGain * motion.covariance,
    varSize: motion.varSize * (1 - sizeGain),
  });
}

/** The box an object is expected to fill; it may reach beyond the frame. */
export function expectedBox(motion: Motion): Box01 {
  return { x: motion.centreX - motion.width / 2, y: motion.centreY - motion.height / 2, width: motion.width, height: motion.height };
}

/** The form in a checkpoint. Motions are always rounded, so that a stored motion continues exactly like one that was not stored. */
export function motionToNumbers(motion: Motion): number[] {
  const { centreX, centreY, velocityX, velocityY, width, height, varCentre, covariance, varVelocity, varSize } = motion;
  return [centreX, centreY, velocityX, velocityY, width, height, varCentre, covariance, varVelocity, varSize];
}

/** @returns undefined for numbers that are no motion */
export function motionFromNumbers(numbers: readonly unknown[]): Motion | undefined {
  if (numbers.length !== 10 || !numbers.every((value) => typeof value === 'number' && Number.isFinite(value))) return undefined;
  const [centreX, centreY, velocityX, velocityY, width, height, varCentre, covariance, varVelocity, varSize] = numbers as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (width < 0 || height < 0 || varCentre < 0 || varVelocity < 0 || varSize < 0) return undefined;
  return { centreX, centreY, velocityX, velocityY, width, height, varCentre, covariance, varVelocity, varSize };
}

/**
 * How far off the expected box may be, in object sizes: the filter's own standard error, up to a whole object. Great for an object
 * whose speed is not known yet, small for one that has been followed.
 */
export const uncertainty = (motion: Motion): number => Math.min(1, Math.sqrt(motion.varCentre));

/** The box with a margin on every side, given as a multiple of its own size. */
export function widened(box: Box01, sizes: number): Box01 {
  return {
    x: box.x - box.width * sizes,
    y: box.y - box.height * sizes,
    width: box.width * (1 + 2 * sizes),
    height: box.height * (1 + 2 * sizes),
  };
}

const clamp = (value: number, limit: number): number => Math.min(limit, Math.max(-limit, value));
/** JSON has no -0: a state must come back as it went. */
const round = (value: number): number => Math.round(value * 1e6) / 1e6 + 0;

function rounded(motion: Motion): Motion {
  return {
    centreX: round(motion.centreX),
    centreY: round(motion.centreY),
    velocityX: round(motion.velocityX),
    velocityY: round(motion.velocityY),
    width: Math.max(MIN_SIZE, round(motion.width)),
    height: Math.max(MIN_SIZE, round(motion.height)),
    varCentre: Math.max(0, round(motion.varCentre)),
    covariance: round(motion.covariance),
    varVelocity: Math.max(0, round(motion.varVelocity)),
    varSize: Math.max(0, round(motion.varSize)),
  };
}
