import {
  CodedError,
  type EpochHandle,
  type EpochOpening,
  type FrameLoss,
  type Logger,
  type SourceContext,
  type SourceState,
  type TakenFiles,
} from '../plugin-api/index.js';
import type { EpochOpener } from './epoch-opener.js';
import type { LiveEpoch } from './live-epoch.js';
import { LiveHealth } from './live-health.js';
import type { StreamStates } from './stream-states.js';
import { systemFault } from './system-fault.js';

export interface StreamContextServices {
  readonly opener: EpochOpener;
  readonly states: Pick<StreamStates, 'report'>;
  readonly logger: Logger;
  /** False when another source or publisher has the stream by now: what this one reports no longer counts. */
  readonly current: () => boolean;
  /** Checked before an epoch is opened; throws when it may not. */
  readonly permit?: () => Promise<void>;
  readonly opened?: (epoch: EpochHandle) => void;
  readonly openedInVain?: () => void;
}

/** What an adapter holds of one stream: for one publisher, or one run of a source. */
export class StreamContext implements SourceContext {
  readonly streamId: string;
  readonly streamName: string;
  readonly logger: Logger;
  readonly silenceTimeoutMs: number;
  /** What the last epoch failed for, where the system itself is to blame. */
  private systemFault: string | undefined;
  private last: EpochHandle | undefined;
  /** What the adapter has to say of the stream while it is live. */
  private said: string | undefined;
  /** Why no epoch is opened, where trying again is of no use. */
  private refusal: string | undefined;

  constructor(
    stream: { readonly id: string; readonly name: string },
    private readonly services: StreamContextServices,
  ) {
    this.streamId = stream.id;
    this.streamName = stream.name;
    this.logger = services.logger;
    this.silenceTimeoutMs = services.opener.limits.silenceTimeoutMs;
  }

  async openEpoch(opening: EpochOpening): Promise<EpochHandle> {
    await this.services.permit?.();
    const health = new LiveHealth(this.services.opener.limits, (trouble) => {
      if (!epoch.ending) this.tell('live', trouble, this.said);
    });
    const opened = this.services.opener.open({ id: this.streamId, name: this.streamName }, opening, {
      flowing: () => this.tell('live', this.said),
      segment: (segment) => health.segment(segment),
      progress: (progress) => health.progress(progress),
      get measures() {
        return health.measures;
      },
    });
    const epoch: LiveEpoch = await opened.catch((error: unknown) => {
      this.services.openedInVain?.();
      this.systemFault = systemFault(error);
      this.refusal = isTooMany(error) ? `${error.message}. ${error.fix ?? ''}` : undefined;
      if (this.refusal !== undefined) this.report('failed');
      throw error;
    });
    this.systemFault = this.refusal = undefined;
    // Before the adapter hears of it, which reports what it knows.
    void epoch.done.then(({ error }) => (this.systemFault = systemFault(error)));
    this.last = epoch;
    this.services.opened?.(epoch);
    return epoch;
  }

  lost(loss: FrameLoss): void {
    if (this.last === undefined) this.services.opener.lost(this.streamId, loss);
    else this.last.lost(loss);
  }

  takenFiles(): Promise<TakenFiles> {
    return this.services.opener.takenFiles(this.streamId);
  }

  report(state: SourceState, detail?: string): void {
    if (state === 'live') this.said = detail;
    this.tell(state, detail);
  }

  private tell(state: SourceState, ...details: readonly (string | undefined)[]): void {
    if (!this.services.current()) return;
    if (this.refusal !== undefined && (state === 'retrying' || state === 'failed'))
      return this.services.states.report(this.streamId, 'failed', this.refusal);
    const told = state === 'retrying' ? [...details, this.systemFault] : details;
    const text = told.filter((part) => part !== undefined).join('. ');
    this.services.states.report(this.streamId, state, text === '' ? undefined : text);
  }
}

function isTooMany(error: unknown): error is CodedError {
  return error instanceof CodedError && error.code === 'VD_INGEST_EPOCHS_TOO_MANY';
}
