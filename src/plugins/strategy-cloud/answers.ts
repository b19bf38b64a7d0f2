import type { CodedError, SampledPicture } from 'vedette/plugin';
import type { CloudRequest, Finding } from './provider.js';

interface Told {
  readonly findings: readonly Finding[];
}

/** What came back for the pictures of one job, task by task. */
export class Answers {
  readonly #told = new Map<string, Map<SampledPicture, Told>>();
  readonly #reasons = new Set<string>();
  #cost = 0;
  #failure: CodedError | undefined;
  #retryAfterMs: number | undefined;

  get cost(): number {
    return this.#cost;
  }
  /** The first one. */
  get failure(): CodedError | undefined {
    return this.#failure;
  }
  /** The longest time the provider asked to be left alone for. */
  get retryAfterMs(): number | undefined {
    return this.#retryAfterMs;
  }
  /** Why pictures are without an answer, for a person. */
  get reasons(): readonly string[] {
    return [...this.#reasons];
  }
  get isEmpty(): boolean {
    return this.#told.size === 0;
  }

  spent(cost: number): void {
    this.#cost += cost;
  }

  failed(error: CodedError, retryAfterMs?: number): void {
    this.#failure ??= error;
    if (retryAfterMs !== undefined) this.#retryAfterMs = Math.max(retryAfterMs, this.#retryAfterMs ?? 0);
    this.#reasons.add(`${error.code}: ${error.message}`);
  }

  refused(reason: string): void {
    this.#reasons.add(reason);
  }

  told({ wants }: CloudRequest, picture: SampledPicture, findings: readonly Finding[]): void {
    for (const { task } of wants) {
      const pictures = this.#told.get(task) ?? new Map<SampledPicture, Told>();
      this.#told.set(task, pictures);
      pictures.set(picture, { findings: findings.filter((finding) => finding.task === task) });
    }
  }

  /** Pictures that were answered for a task, in order of time. */
  of(task: string): readonly (readonly [SampledPicture, readonly Finding[]])[] {
    return [...(this.#told.get(task) ?? [])]
      .map(([picture, { findings }]) => [picture, findings] as const)
      .sort(([a], [b]) => a.ptsUs - b.ptsUs);
  }
}
