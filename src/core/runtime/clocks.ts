/** Milliseconds since any moment; never set back. */
export type MonotonicClock = () => number;

/** Nest token of the {@link MonotonicClock} that classes measure time by. */
export const MONOTONIC_CLOCK = Symbol.for('vedette.monotonic-clock');

/** Milliseconds since 1970, as this machine has it. */
export type WallClock = () => number;

/** Nest token of the {@link WallClock} that classes tell the time by. */
export const WALL_CLOCK = Symbol.for('vedette.wall-clock');

/** Provides this machine's clocks, to the module whose classes ask for one. */
export const clocks = [
  { provide: MONOTONIC_CLOCK, useValue: (): number => performance.now() },
  { provide: WALL_CLOCK, useValue: (): number => Date.now() },
] as const;
