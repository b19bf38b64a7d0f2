/** Counts connections, in all and by address. */
export class ConnectionLimits {
  private total = 0;
  private readonly byAddress = new Map<string, number>();

  constructor(
    private readonly max: number,
    private readonly maxPerAddress: number,
  ) {}

  /** @returns how to give the place back (once), or which limit there is no place under */
  take(address: string): (() => void) | 'total' | 'address' {
    const held = this.byAddress.get(address) ?? 0;
    if (this.total >= this.max) return 'total';
    if (held >= this.maxPerAddress) return 'address';
    this.total += 1;
    this.byAddress.set(address, held + 1);
    let taken = true;
    return () => {
      if (!taken) return;
      taken = false;
      this.total -= 1;
      const left = (this.byAddress.get(address) ?? 1) - 1;
      if (left > 0) this.byAddress.set(address, left);
      else this.byAddress.delete(address);
    };
  }
}
