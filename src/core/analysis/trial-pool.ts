import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { HeldReferences } from '../brands/held-references.js';
import { SegmentFiles } from '../media/store/segment-files.js';
import { loggerOf } from '../observability/component-logger.js';
import type { AnalysisJob, AnalysisOutcome, Logger, ReferenceImage } from '../plugin-api/index.js';
import { ForkedHostPool, type HostPoolOptions } from './pool/analysis-host-pool.js';

/** Nest token of {@link HostPoolOptions} for trials. */
export const TRIAL_HOST_OPTIONS = Symbol.for('vedette.trial-host-options');

/** Who tries once often tries again. */
const IDLE_MS = 60_000;

/** Looked for in place of the library. */
export interface TrialReferences {
  readonly kind: string;
  readonly images: readonly ReferenceImage[];
}

/**
 * What a person wants to see before it is kept, tried on recorded media in an analysis host of its own: nothing of it is stored, and no
 * worker waits for it. The host is started when it is needed and ends a minute after it was.
 */
@Injectable()
export class TrialPool implements OnApplicationShutdown {
  private readonly held = new HeldReferences();
  private revision = 0;
  private pool: ForkedHostPool | undefined;
  private idle: NodeJS.Timeout | undefined;

  constructor(
    @Inject(TRIAL_HOST_OPTIONS) private readonly options: HostPoolOptions,
    private readonly segments: SegmentFiles,
    @Inject(loggerOf('trials')) private readonly logger: Logger,
  ) {}

  /**
   * The jobs one after the other, as segments of one stream follow each other. One trial at a time: the caller sees to that.
   * @throws VD_ANALYSIS_*, VD_MEDIA_*
   */
  async run(jobs: readonly AnalysisJob[], { kind, images }: TrialReferences, signal: AbortSignal): Promise<AnalysisOutcome[]> {
    clearTimeout(this.idle);
    const pool = (this.pool ??= new ForkedHostPool({ ...this.options, hosts: 1 }, this.segments, this.logger, this.held));
    const revision = ++this.revision;
    this.held.put({ kind, revision, images });
    const outcomes: AnalysisOutcome[] = [];
    try {
      for (const job of jobs) {
        const tasks = job.tasks.map((task) => ({ ...task, references: { kind, revision } }));
        outcomes.push(await pool.execute({ ...job, tasks }, signal));
      }
      return outcomes;
    } finally {
      // What it remembers of the stream is of a look that nobody else has.
      if (jobs[0] !== undefined) pool.discard(jobs[0]);
      this.idle = setTimeout(() => void this.close(), IDLE_MS).unref();
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await this.close();
  }

  private async close(): Promise<void> {
    clearTimeout(this.idle);
    const { pool } = this;
    this.pool = undefined;
    await pool?.close();
  }
}
