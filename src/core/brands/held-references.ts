import { analysisError } from '../errors/analysis.errors.js';
import type { ReferenceSet } from '../plugin-api/index.js';
import { ReferenceLibrary } from './reference-library.js';

/** Reference images that were brought here by a worker: what a machine without a database has in place of one. */
export class HeldReferences extends ReferenceLibrary {
  private readonly sets = new Map<string, ReferenceSet>();

  override revision(kind: string): Promise<number> {
    return Promise.resolve(this.sets.get(kind)?.revision ?? 0);
  }

  /** @throws VD_ANALYSIS_REFERENCES_UNAVAILABLE */
  override async load(kind: string): Promise<ReferenceSet> {
    const set = this.sets.get(kind);
    if (set === undefined)
      throw analysisError('VD_ANALYSIS_REFERENCES_UNAVAILABLE', `no worker has brought reference images of kind ${kind}`);
    return set;
  }

  /** Keeps the set unless a later one is here. */
  put(set: ReferenceSet): void {
    if (set.revision >= (this.sets.get(set.kind)?.revision ?? 0)) this.sets.set(set.kind, set);
  }
}
