/** Milliseconds since any moment; never set back. */
export type MonotonicClock = () => number;

/** Nest token of the {@link MonotonicClock} that classes measure time by. */
export const MONOTONIC_CLOCK = Symbol.for('vedette.monotonic-clock');

/** For the module whose classes ask for it. */
export const monotonicClock: { readonly provide: symbol; readonly useValue: MonotonicClock } = {
  provide: MONOTONIC_CLOCK,
  useValue: () => performance.now(),
};
