import { Inject, Injectable } from '@nestjs/common';
import { ThrottledWarnings } from '../observability/throttled-warnings.js';
import { InstanceHeartbeat } from '../persistence/instance-heartbeat.js';
import { type HeldLane, RunLedger } from '../persistence/ledger/run-ledger.js';
import { PIPELINE_OPTIONS, type PipelineOptions } from './worker-options.js';

interface Holding {
  readonly lane: HeldLane;
  readonly abort: AbortController;
}

/** Renews the leases of every lane this process holds, all in one statement, and calls off the work of lanes that were lost. */
@Injectable()
export class LaneLeases {
  private readonly holdings = new Map<string, Holding>();
  private timer: NodeJS.Timeout | undefined;
  private renewing: Promise<void> = Promise.resolve();

  constructor(
    private readonly ledger: RunLedger,
    @Inject(InstanceHeartbeat) private readonly instance: Pick<InstanceHeartbeat, 'instanceId'>,
    @Inject(PIPELINE_OPTIONS) private readonly options: Pick<PipelineOptions, 'leaseMs'>,
    @Inject(ThrottledWarnings) private readonly warnings: Pick<ThrottledWarnings, 'warn'>,
  ) {}

  start(): void {
    this.timer = setInterval(() => {
      this.renewing = this.renewing.then(() => this.renew());
    }, this.options.leaseMs / 3);
  }

  /** Stop once no lane is held any more. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.renewing;
  }

  /** @returns what to call when the lane was released */
  hold(lane: HeldLane, abort: AbortController): () => void {
    const key = keyOf(lane);
    this.holdings.set(key, { lane, abort });
    return () => this.holdings.delete(key);
  }

  abortAll(reason: Error): void {
    for (const { abort } of this.holdings.values()) abort.abort(reason);
  }

  private async renew(): Promise<void> {
    const asked = [...this.holdings];
    if (asked.length === 0) return;
    try {
      const held = new Set(
        (
          await this.ledger.renew(
            this.instance.instanceId,
            asked.map(([, { lane }]) => lane),
          )
        ).map(keyOf),
      );
      for (const [key, { abort }] of asked) {
        // A lane that was released while we asked is missing too: calling it off then reaches nobody.
        if (!held.has(key)) abort.abort(new Error('The lane was taken over by another worker'));
      }
    } catch (error) {
      // The database is away, for everyone: nobody else can take our lanes, and what we commit later is fenced.
      this.warnings.warn('Renewing leases', error);
    }
  }
}

function keyOf({ streamId, queue, fence }: HeldLane): string {
  return `${streamId} ${queue} ${fence}`;
}
