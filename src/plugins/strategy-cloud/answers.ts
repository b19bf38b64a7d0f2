import type { CodedError, SampledPicture } from 'vedette/plugin';
import type { CloudRequest, Finding } from './provider.js';

interface Told {
  readonly findings: readonly Finding[];
}

/** What came back for the pictures of one job, task by task. */
export class Answers {
  private readonly toldByTask = new Map<string, Map<SampledPicture, Told>>();
  private readonly distinctReasons = new Set<string>();
  private costSum = 0;
  private firstFailure: CodedError | undefined;
  private longestRetryAfterMs: number | undefined;

  get cost(): number {
    return this.costSum;
  }
  /** The first one. */
  get failure(): CodedError | undefined {
    return this.firstFailure;
  }
  /** The longest time the provider asked to be left alone for. */
  get retryAfterMs(): number | undefined {
    return this.longestRetryAfterMs;
  }
  /** Why pictures are without an answer, for a person. */
  get reasons(): readonly string[] {
    return [...this.distinctReasons];
  }
  get isEmpty(): boolean {
    return this.toldByTask.size === 0;
  }

  spent(cost: number): void {
    this.costSum += cost;
  }

  failed(error: CodedError, retryAfterMs?: number): void {
    this.firstFailure ??= error;
    if (retryAfterMs !== undefined) this.longestRetryAfterMs = Math.max(retryAfterMs, this.longestRetryAfterMs ?? 0);
    this.distinctReasons.add(`${error.code}: ${error.message}`);
  }

  refused(reason: string): void {
    this.distinctReasons.add(reason);
  }

  told({ wants }: CloudRequest, picture: SampledPicture, findings: readonly Finding[]): void {
    for (const { task } of wants) {
      const pictures = this.toldByTask.get(task) ?? new Map<SampledPicture, Told>();
      this.toldByTask.set(task, pictures);
      pictures.set(picture, { findings: findings.filter((finding) => finding.task === task) });
    }
  }

  /** Pictures that were answered for a task, in order of time. */
  of(task: string): readonly (readonly [SampledPicture, readonly Finding[]])[] {
    return [...(this.toldByTask.get(task) ?? [])]
      .map(([picture, { findings }]) => [picture, findings] as const)
      .sort(([a], [b]) => a.ptsUs - b.ptsUs);
  }
}
