import type { ReferenceSet } from '../plugin-api/index.js';

/**
 * The reference images in force, as the worker sees them: it puts the revision on each task, and its analysis hosts ask it for
 * the set when theirs is older. An abstract class so that it is its own Nest token.
 */
export abstract class ReferenceLibrary {
  /** The current revision; 0 while there is nothing. Cheap: kept in memory, renewed when the database says it changed. */
  abstract revision(kind: string): Promise<number>;
  /** The whole set at its current revision. */
  abstract load(kind: string): Promise<ReferenceSet>;
}
