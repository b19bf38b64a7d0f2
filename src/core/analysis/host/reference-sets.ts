import { analysisError } from '../../errors/analysis.errors.js';
import type { AnalyzerTask, ReferenceSet } from '../../plugin-api/index.js';

/** A worker that is up answers within milliseconds, or as long as its database takes for all images. */
const ANSWER_TIMEOUT_MS = 10_000;

type Wanted = NonNullable<AnalyzerTask['references']>;

interface Asked {
  readonly answer: Promise<ReferenceSet>;
  readonly resolve: (set: ReferenceSet) => void;
  readonly reject: (error: Error) => void;
}

/** The reference images of this host, one set of each kind for all its analyzers. Asks the worker for what is newer. */
export class ReferenceSets {
  private readonly sets = new Map<string, ReferenceSet>();
  private readonly asked = new Map<string, Asked>();

  /** @param ask sends the wish to the worker, whose answer comes by {@link received} or {@link failed} */
  constructor(
    private readonly ask: (wanted: Wanted) => void,
    private readonly answerTimeoutMs = ANSWER_TIMEOUT_MS,
  ) {}

  /**
   * The set of that revision, or a later one.
   * @throws VD_ANALYSIS_REFERENCES_UNAVAILABLE
   */
  async atLeast(wanted: Wanted): Promise<ReferenceSet> {
    const { kind, revision } = wanted;
    const held = this.sets.get(kind);
    if (held !== undefined && held.revision >= revision) return held;
    if (revision === 0) return { kind, revision: 0, images: [] };
    const set = await this.answer(wanted);
    if (set.revision < revision) throw unavailable(kind, `revision ${revision} is wanted, the worker has ${set.revision}`);
    this.sets.set(kind, set);
    return set;
  }

  received(set: ReferenceSet): void {
    this.settled(set.kind)?.resolve(set);
  }

  failed(kind: string, why: string): void {
    this.settled(kind)?.reject(unavailable(kind, why));
  }

  /** Who asks from now on gets an answer of its own. */
  private settled(kind: string): Asked | undefined {
    const asked = this.asked.get(kind);
    this.asked.delete(kind);
    return asked;
  }

  private async answer(wanted: Wanted): Promise<ReferenceSet> {
    const { kind } = wanted;
    const asked = this.asked.get(kind);
    if (asked !== undefined) {
      const set = await asked.answer;
      // It may have been asked for before the change that is wanted now.
      return set.revision >= wanted.revision ? set : this.answer(wanted);
    }
    const { promise: answer, resolve, reject } = Promise.withResolvers<ReferenceSet>();
    const timeout = setTimeout(
      () => reject(unavailable(kind, `the worker did not answer within ${this.answerTimeoutMs} ms`)),
      this.answerTimeoutMs,
    );
    const own: Asked = { answer, resolve, reject };
    this.asked.set(kind, own);
    try {
      this.ask(wanted);
      return await answer;
    } finally {
      clearTimeout(timeout);
      if (this.asked.get(kind) === own) this.asked.delete(kind);
    }
  }
}

const unavailable = (kind: string, why: string): Error =>
  analysisError('VD_ANALYSIS_REFERENCES_UNAVAILABLE', `reference images of kind ${kind}: ${why}`);
