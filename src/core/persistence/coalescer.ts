import { isConnectionLoss } from './sql-errors.js';

interface Waiting<In, Out> {
  readonly input: In;
  readonly resolve: (output: Out) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Does what is asked while an earlier request is being answered all at once with the next: one statement, one commit. A request that comes
 * alone waits for nobody. Where a request is refused, each of its companions is tried by itself, so that the fault is told to its owner
 * only.
 * @example const settles = new Coalescer((batch) => this.settleAll(batch), { most: 32 });
 */
export class Coalescer<In, Out> {
  private waiting: Waiting<In, Out>[] = [];
  private isRunning = false;

  /**
   * @param run answers in the order of what it is given
   * @param limits `most` requests at once; together no heavier than `weight`, by what `weigh` says of each; no two of one `key`
   */
  constructor(
    private readonly run: (batch: readonly In[]) => Promise<readonly Out[]>,
    private readonly limits: {
      readonly most: number;
      readonly weight?: number;
      readonly weigh?: (input: In) => number;
      readonly key?: (input: In) => string;
    },
  ) {}

  do(input: In): Promise<Out> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ input, resolve, reject });
      if (!this.isRunning) void this.work();
    });
  }

  private async work(): Promise<void> {
    this.isRunning = true;
    while (this.waiting.length > 0) await this.answer(this.next());
    this.isRunning = false;
  }

  private next(): Waiting<In, Out>[] {
    const { most, weight = Number.POSITIVE_INFINITY, weigh = () => 0, key } = this.limits;
    const keys = new Set<string>();
    let [count, sum] = [0, 0];
    for (const { input } of this.waiting.slice(0, most)) {
      sum += weigh(input);
      if (count > 0 && (sum > weight || (key !== undefined && keys.has(key(input))))) break;
      if (key !== undefined) keys.add(key(input));
      count += 1;
    }
    return this.waiting.splice(0, count);
  }

  private async answer(batch: readonly Waiting<In, Out>[]): Promise<void> {
    try {
      const outputs = await this.run(batch.map(({ input }) => input));
      batch.forEach(({ resolve }, index) => resolve(outputs[index] as Out));
    } catch (error) {
      if (batch.length === 1 || isConnectionLoss(error)) for (const { reject } of batch) reject(error);
      else for (const one of batch) await this.answer([one]);
    }
  }
}
