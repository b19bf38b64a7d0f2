import { ReferenceLibrary } from '../../../src/core/brands/reference-library.js';
import type { ReferenceImage, ReferenceSet } from '../../../src/core/plugin-api/index.js';

/** Reference images of one kind in memory; of others there are none. Empty until it is changed. */
export class FakeReferenceLibrary extends ReferenceLibrary {
  set: ReferenceSet;
  loads = 0;
  /** While set, loading fails with it. */
  fault: Error | undefined;

  constructor(kind = 'logo') {
    super();
    this.set = { kind, revision: 0, images: [] };
  }

  override async revision(kind: string): Promise<number> {
    return kind === this.set.kind ? this.set.revision : 0;
  }

  override async load(kind: string): Promise<ReferenceSet> {
    this.loads++;
    if (this.fault !== undefined) throw this.fault;
    return kind === this.set.kind ? this.set : { kind, revision: 0, images: [] };
  }

  change(...images: ReferenceImage[]): void {
    this.set = { ...this.set, revision: this.set.revision + 1, images };
  }
}
