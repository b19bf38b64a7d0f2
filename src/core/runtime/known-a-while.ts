/**
 * An answer that is told again for a while: however many ask, and how often, what is asked of is asked once. One that is on its way is
 * the answer of everybody who asks meanwhile; what failed is tried anew.
 * @example private readonly judged = new KnownAWhile(2_000, () => this.reads.judged(null));   // await this.judged.now()
 */
export class KnownAWhile<T> {
  private latest: { readonly answer: Promise<T>; untilMs: number } | undefined;

  /** @param knownMs from when the answer came */
  constructor(
    private readonly knownMs: number,
    private readonly ask: () => Promise<T>,
  ) {}

  now(): Promise<T> {
    if (this.latest !== undefined && performance.now() < this.latest.untilMs) return this.latest.answer;
    const latest = (this.latest = { answer: this.ask(), untilMs: Number.POSITIVE_INFINITY });
    const keepFor = (ms: number) => (): unknown => (latest.untilMs = performance.now() + ms);
    latest.answer.then(keepFor(this.knownMs), keepFor(0));
    return latest.answer;
  }

  /** Whoever asks next is told of what is now. */
  forget(): void {
    this.latest = undefined;
  }
}
