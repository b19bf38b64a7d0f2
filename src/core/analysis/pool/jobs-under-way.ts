import type { AnalysisJob } from '../../plugin-api/index.js';
import type { HostAnswer, HostOrder } from '../host-protocol.js';

/** An order that was given to a host. */
export interface JobUnderWay {
  readonly id: number;
  readonly job: AnalysisJob;
  readonly lane: string;
  readonly signal: AbortSignal;
  readonly resolve: (answer: HostAnswer) => void;
  readonly reject: (error: Error) => void;
  /** Stops its clocks. */
  readonly release: () => void;
}

/** The host ended while several jobs were under way, through no fault of this one as far as is known: it is to be done again. */
export class TakenDown extends Error {
  override readonly name = 'TakenDown';

  /** @param isSuspect nobody knows which of them brought the host down: this one goes alone next time */
  constructor(
    readonly isSuspect: boolean,
    override readonly cause: Error,
  ) {
    super(cause.message);
  }
}

/** Which jobs one host has, of which lanes. */
export class JobsUnderWay {
  private readonly jobs = new Map<number, JobUnderWay>();

  get count(): number {
    return this.jobs.size;
  }

  /** The only one; undefined where there are none or several. */
  get sole(): JobUnderWay | undefined {
    const [first, ...others] = this.jobs.values();
    return others.length === 0 ? first : undefined;
  }

  add(one: JobUnderWay): void {
    this.jobs.set(one.id, one);
  }

  hasLane(lane: string): boolean {
    return [...this.jobs.values()].some((one) => one.lane === lane);
  }

  /** @returns undefined for one that has ended */
  end(id: number): JobUnderWay | undefined {
    const one = this.jobs.get(id);
    this.jobs.delete(id);
    one?.release();
    return one;
  }

  endAll(): JobUnderWay[] {
    return [...this.jobs.keys()].map((id) => this.end(id)!);
  }
}

/** What is done in order: one stream's segments on one queue. Pictures are nobody's turn but their own. */
export const laneOf = ({ job, pictures }: HostOrder): string =>
  pictures === undefined ? `${job.stream.streamId} ${job.queue}` : `pictures of ${job.jobId}`;
