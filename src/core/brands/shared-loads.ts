import { Injectable, Optional } from '@nestjs/common';
import type { References, ReferenceSet } from '../plugin-api/index.js';
import { ReferenceLibrary } from './reference-library.js';

/**
 * Loads reference sets for all hosts, of a pool or elsewhere: those that ask at the same time, as they do after a change, share one
 * load.
 */
@Injectable()
export class SharedLoads implements References {
  private readonly loading = new Map<string, Promise<ReferenceSet>>();

  /** @param library absent: there are no reference images */
  constructor(@Optional() private readonly library?: ReferenceLibrary) {}

  /** @param revision the one that is wanted: what an empty set counts as where there is no library */
  async load(kind: string, revision: number): Promise<ReferenceSet> {
    if (this.library === undefined) return { kind, revision, images: [] };
    const loading = this.loading.get(kind) ?? this.start(this.library, kind);
    const set = await loading;
    // One that began before the change does not have it.
    return set.revision >= revision ? set : this.start(this.library, kind);
  }

  private start(library: ReferenceLibrary, kind: string): Promise<ReferenceSet> {
    const loading = library.load(kind).finally(() => this.loading.get(kind) === loading && this.loading.delete(kind));
    this.loading.set(kind, loading);
    return loading;
  }
}
