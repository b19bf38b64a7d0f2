/**
 * Numbers over time in two rings of fixed size: ordered by time, one value per time, oldest forgotten first. Points mostly
 * arrive in order; a late one is put in its place, a repeated one replaces its value (messages may come twice).
 */
export class TimeSeries {
  private readonly times: Float64Array;
  private readonly values: Float64Array;
  private head = 0;
  private count = 0;

  constructor(readonly capacity: number) {
    this.times = new Float64Array(capacity);
    this.values = new Float64Array(capacity);
  }

  get length(): number {
    return this.count;
  }

  add(timeMs: number, value: number): void {
    const at = this.firstAfter(timeMs);
    if (at > 0 && this.timeAt(at - 1) === timeMs) {
      this.values[this.slot(at - 1)] = value;
      return;
    }
    if (this.count === this.capacity) {
      if (at === 0) return; // Older than everything kept.
      this.head = this.slot(1);
      this.count--;
      this.insert(at - 1, timeMs, value);
      return;
    }
    this.insert(at, timeMs, value);
  }

  /** Points of [fromMs, toMs] and one on either side, so that a line reaches the edges. */
  window(fromMs: number, toMs: number): { timesMs: number[]; values: number[] } {
    const first = Math.max(0, this.firstAfter(fromMs) - 1);
    const last = Math.min(this.count, this.firstAfter(toMs) + 1);
    const timesMs: number[] = [];
    const values: number[] = [];
    for (let i = first; i < last; i++) {
      timesMs.push(this.timeAt(i));
      values.push(this.values[this.slot(i)]!);
    }
    return { timesMs, values };
  }

  /** The latest point at or before a time. */
  at(timeMs: number): { timeMs: number; value: number } | null {
    const index = this.firstAfter(timeMs) - 1;
    return index < 0 ? null : { timeMs: this.timeAt(index), value: this.values[this.slot(index)]! };
  }

  latestMs(): number | null {
    return this.count === 0 ? null : this.timeAt(this.count - 1);
  }

  private insert(at: number, timeMs: number, value: number): void {
    for (let i = this.count; i > at; i--) {
      this.times[this.slot(i)] = this.times[this.slot(i - 1)]!;
      this.values[this.slot(i)] = this.values[this.slot(i - 1)]!;
    }
    this.times[this.slot(at)] = timeMs;
    this.values[this.slot(at)] = value;
    this.count++;
  }

  /** Index of the first point later than a time. */
  private firstAfter(timeMs: number): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.timeAt(middle) > timeMs) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  private timeAt(index: number): number {
    return this.times[this.slot(index)]!;
  }

  private slot(index: number): number {
    return (this.head + index) % this.capacity;
  }
}
