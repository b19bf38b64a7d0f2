const MAX_WRAP_BITS = 63;

/** Microseconds of one track's time stamps, which go on where they wrap: those of MPEG-TS do after 26.5 hours. */
export class TickClock {
  private last: bigint | undefined;

  /** @param wrapBits how many bits a time stamp has; 64: it does not wrap */
  constructor(
    private readonly timeBase: { readonly num: number; readonly den: number },
    private readonly wrapBits: number,
  ) {}

  /** Of a time stamp that is near the ones before. */
  us(ticks: bigint): number {
    const unwrapped = this.unwrap(ticks);
    this.last = unwrapped;
    return Number((unwrapped * 1_000_000n * BigInt(this.timeBase.num)) / BigInt(this.timeBase.den));
  }

  private unwrap(ticks: bigint): bigint {
    const { last, wrapBits } = this;
    if (last === undefined || wrapBits <= 0 || wrapBits > MAX_WRAP_BITS) return ticks;
    const range = 1n << BigInt(wrapBits);
    const step = (((ticks - last) % range) + range) % range;
    return last + (step >= range / 2n ? step - range : step);
  }
}
