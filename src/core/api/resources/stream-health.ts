import { Injectable } from '@nestjs/common';
import { StreamHealthReads, type JudgedStream } from '../../persistence/read/health-reads.js';

/** What was found a moment ago is told again: however many ask, and how often, the database is asked once. */
const KNOWN_MS = 2_000;

/** How streams are, for all who ask this process. */
@Injectable()
export class StreamHealth {
  private latest: { readonly judged: Promise<ReadonlyMap<string, JudgedStream>>; untilMs: number } | undefined;

  constructor(private readonly reads: StreamHealthReads) {}

  /** Every stream that is not removed, private ones too, by id. */
  now(): Promise<ReadonlyMap<string, JudgedStream>> {
    if (this.latest !== undefined && performance.now() < this.latest.untilMs) return this.latest.judged;
    const judged = this.reads.judged(null).then((all) => new Map(all.map((each) => [each.streamId, each])));
    const latest = (this.latest = { judged, untilMs: Number.POSITIVE_INFINITY });
    const keepFor = (ms: number) => (): unknown => (latest.untilMs = performance.now() + ms);
    // What failed is tried anew.
    judged.then(keepFor(KNOWN_MS), keepFor(0));
    return judged;
  }

  /** One that was made since is looked at by itself. @returns null for one that is removed */
  async of(streamId: string, at: Date | null): Promise<JudgedStream | null> {
    const known = at === null ? (await this.now()).get(streamId) : undefined;
    return known ?? (await this.reads.judged([streamId], at))[0] ?? null;
  }
}
