import { Injectable } from '@nestjs/common';
import { RunLedger } from '../../persistence/ledger/run-ledger.js';
import { LaneRunner } from '../lane-runner.js';
import { BackgroundStreams } from './background-streams.js';
import type { BackgroundTask } from './background-work.js';

/** The lanes of streams whose media is past when it comes. */
@Injectable()
export class BackgroundLanes implements BackgroundTask {
  readonly name = 'Analysing files';
  private queues: readonly string[] = [];

  constructor(
    private readonly ledger: RunLedger,
    private readonly runner: LaneRunner,
    private readonly streams: BackgroundStreams,
  ) {}

  /** @param queues those that this worker takes */
  open(queues: readonly string[]): void {
    this.queues = queues;
  }

  async work(goesOn: () => boolean): Promise<boolean> {
    if (this.streams.adapters.length === 0) return false;
    const idle = await this.ledger.idleLanes(this.queues, this.streams.backgroundLanes);
    const lane = idle.find((one) => !this.runner.isVisiting(one));
    if (lane === undefined) return false;
    await this.runner.visit(lane, goesOn);
    return true;
  }
}
