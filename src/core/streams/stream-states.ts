import { Inject, Injectable } from '@nestjs/common';
import { loggerOf } from '../observability/component-logger.js';
import type { Logger, SourceState } from '../plugin-api/index.js';
import { INGEST_NODE, type IngestNode } from '../persistence/ownership/stream-owners.js';
import { StreamStore } from '../persistence/streams/stream-store.js';
import { retryUntilDone } from '../runtime/retry-until-done.js';

interface Report {
  readonly state: SourceState;
  readonly detail: string | undefined;
}

/**
 * Tells the database each stream's state. Reports never wait for it: while it is away only the latest of each stream is
 * kept, and what was said already is not said again.
 */
@Injectable()
export class StreamStates {
  private readonly wanted = new Map<string, Report>();
  private readonly said = new Map<string, Report>();
  private readonly writing = new Map<string, Promise<void>>();
  private readonly stopping = new AbortController();

  constructor(
    private readonly store: StreamStore,
    /** It speaks, and is heard unless another living one has the stream. */
    @Inject(INGEST_NODE) private readonly node: IngestNode,
    @Inject(loggerOf('streams')) private readonly logger: Logger,
  ) {}

  report(streamId: string, state: SourceState, detail?: string): void {
    this.wanted.set(streamId, { state, detail });
    if (this.writing.has(streamId)) return;
    const writing = this.write(streamId)
      .catch((error: unknown) => {
        if (!this.stopping.signal.aborted) this.logger.error("Writing a stream's state failed", { streamId, error });
      })
      .finally(() => this.writing.delete(streamId));
    this.writing.set(streamId, writing);
  }

  /** Says once more what was said last: others may have spoken meanwhile. */
  repeat(of: (streamId: string) => boolean): void {
    for (const [streamId, { state, detail }] of [...this.said]) {
      this.said.delete(streamId);
      if (of(streamId) && !this.wanted.has(streamId)) this.report(streamId, state, detail);
    }
  }

  /** Forgets a stream that is gone, or another's. */
  forget(streamId: string): void {
    this.wanted.delete(streamId);
    this.said.delete(streamId);
  }

  /** Settles when all that was reported is written. */
  async flushed(): Promise<void> {
    await Promise.all(this.writing.values());
  }

  stop(): void {
    this.stopping.abort(new Error('stopped'));
  }

  private async write(streamId: string): Promise<void> {
    for (let report = this.take(streamId); report !== undefined; report = this.take(streamId)) {
      const said = this.said.get(streamId);
      if (said?.state === report.state && said.detail === report.detail) continue;
      // A later report replaces one that cannot be written.
      let latest = report;
      await retryUntilDone(
        () => {
          latest = this.take(streamId) ?? latest;
          return this.store.setState(streamId, latest.state, latest.detail, this.node.id);
        },
        { what: "Writing a stream's state", logger: this.logger, signal: this.stopping.signal },
      );
      this.said.set(streamId, latest);
    }
  }

  private take(streamId: string): Report | undefined {
    const report = this.wanted.get(streamId);
    this.wanted.delete(streamId);
    return report;
  }
}
