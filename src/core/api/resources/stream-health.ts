import { Injectable } from '@nestjs/common';
import { KnownAWhile } from '../../runtime/known-a-while.js';
import { StreamHealthReads, type JudgedStream } from '../../persistence/read/health-reads.js';

const KNOWN_MS = 2_000;

/** How streams are, for all who ask this process. */
@Injectable()
export class StreamHealth {
  private readonly all = new KnownAWhile<ReadonlyMap<string, JudgedStream>>(KNOWN_MS, async () => {
    const judged = await this.reads.judged(null);
    return new Map(judged.map((each) => [each.streamId, each]));
  });

  constructor(private readonly reads: StreamHealthReads) {}

  /** Every stream that is not removed, private ones too, by id. */
  now(): Promise<ReadonlyMap<string, JudgedStream>> {
    return this.all.now();
  }

  /** The next who asks is told of what is now. */
  forget(): void {
    this.all.forget();
  }

  /** One that was made since is looked at by itself. @returns null for one that is removed */
  async of(streamId: string, at: Date | null): Promise<JudgedStream | null> {
    const known = at === null ? (await this.now()).get(streamId) : undefined;
    return known ?? (await this.reads.judged([streamId], at))[0] ?? null;
  }
}
