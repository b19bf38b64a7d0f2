import type { SourceContext } from '../source-adapter.js';
import type { FlowGate } from './flow-gate.js';

/** What surrounds the epochs of one publisher: its connection, and core. */
export interface EpochHooks {
  readonly context: SourceContext;
  readonly remote: string;
  readonly flow: FlowGate;
  /** Settles when the stream's previous publisher has left the stream. */
  readonly streamFree: Promise<void>;
  readonly wallClockMs: () => number;
  /** True while nothing can be packaged: nothing has come that an epoch begins with since the publish or the last change of format. */
  awaitingKeyframe(waiting: boolean): void;
  /** The packager stopped, or could not be started. */
  lost(reason: string, error?: unknown): void;
}
