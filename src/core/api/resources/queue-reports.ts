import { Injectable } from '@nestjs/common';
import { loadErrorTable } from '../../errors/error-table.js';
import { QueueControls, type QueuePause } from '../../persistence/ledger/queue-controls.js';
import { QueueReportReads, REPORT_WINDOW_MS, type QueueReport } from '../../persistence/ledger/queue-report-reads.js';
import type { ListedRunRow } from '../../persistence/ledger/run-operations.js';
import { CapacityReads } from '../../persistence/read/capacity-reads.js';
import { runFromRow } from '../../persistence/read/wire-rows.js';
import { PluginRegistry } from '../../plugin-host/plugin-registry.js';
import { KnownAWhile } from '../../runtime/known-a-while.js';
import type { QueueReportWire, QueueRunWire } from '../../wire/queues.wire.js';
import type { ErrorSpecWire } from '../../wire/wire.js';
import { endedRuns, judgeQueue, perSecond } from './queue-verdict.js';
import { TimelineReasons } from './timeline-reasons.js';

const KNOWN_MS = 2_000;

/** How the queues do, in figures and in one sentence each. */
@Injectable()
export class QueueReports {
  private specs: Promise<ReadonlyMap<string, ErrorSpecWire>> | undefined;
  private readonly reports = new KnownAWhile(KNOWN_MS, () => this.read());

  constructor(
    private readonly reads: QueueReportReads,
    private readonly controls: QueueControls,
    private readonly capacity: CapacityReads,
    private readonly registry: PluginRegistry,
    private readonly reasons: TimelineReasons,
  ) {}

  now(): Promise<QueueReportWire[]> {
    return this.reports.now();
  }

  /** Something was changed: the next who asks is told of it. */
  forget(): void {
    this.reports.forget();
  }

  /** Whether plugins name it, or the ledger or somebody's decision still knows it. */
  async isKnown(queue: string): Promise<boolean> {
    return this.registry.queues.includes(queue) || (await this.now()).some(({ name }) => name === queue);
  }

  /** With the words for their codes. */
  async runsOnWire(rows: readonly ListedRunRow[]): Promise<QueueRunWire[]> {
    const table = await this.errors();
    return rows.map((row) => {
      const spec = table.get(row.error_code ?? '');
      return {
        ...runFromRow(row),
        streamName: row.stream_name,
        at: row.started_at.toISOString(),
        errorTitle: spec?.title ?? null,
        fix: spec?.fix ?? null,
      };
    });
  }

  private async read(): Promise<QueueReportWire[]> {
    const pauses = new Map((await this.controls.pauses()).map((pause) => [pause.queue, pause]));
    const [reports, { workers }] = await Promise.all([
      this.reads.report([...new Set([...this.registry.queues, ...pauses.keys()])]),
      this.capacity.supply(),
    ]);
    return Promise.all(
      reports.map((report) => {
        const takers = workers.filter(({ queues }) => queues === 'all' || queues.includes(report.queue)).length;
        return this.onWire(report, pauses.get(report.queue) ?? null, takers);
      }),
    );
  }

  private async onWire(report: QueueReport, pause: QueuePause | null, workers: number): Promise<QueueReportWire> {
    const { queue, arrived, skips, failures, seen, ...figures } = report;
    const words = new Map((await this.reasons.words(skips.map(({ reason }) => reason))).map(({ code, text }) => [code, text]));
    const table = await this.errors();
    return {
      ...figures,
      name: queue,
      ...judgeQueue({ report, pause, workers }),
      paused: pause === null ? null : { by: pause.by, since: pause.since.toISOString() },
      workers,
      windowMs: REPORT_WINDOW_MS,
      arrivedPerSecond: perSecond(arrived),
      endedPerSecond: perSecond(endedRuns(report)),
      skips: skips.map(({ reason, count }) => ({ reason, text: words.get(reason) ?? reason, count })),
      failures: failures.map(({ lastAt, analyzerIds, ...group }) => ({
        ...group,
        analyzerIds: [...analyzerIds],
        title: table.get(group.code)?.title ?? null,
        fix: table.get(group.code)?.fix ?? null,
        lastAt: lastAt.toISOString(),
      })),
      seen: seen === null ? null : { by: seen.by, at: seen.at.toISOString() },
    };
  }

  private errors(): Promise<ReadonlyMap<string, ErrorSpecWire>> {
    return (this.specs ??= loadErrorTable().then((rows) => new Map(rows.map((row) => [row.code, row]))));
  }
}
