import { inspect } from 'node:util';
import type {
  EncodedFrame,
  EpochHandle,
  EpochOpening,
  FrameLoss,
  Logger,
  PtsUs,
  SegmentAnswer,
  SegmentOffer,
  SourceContext,
  SourceState,
  TakenFile,
  TakenFiles,
} from '../plugin-api/index.js';

/** One epoch as an adapter opened it; `finish` plays the packager that stops by itself. */
export interface FakeEpoch {
  readonly opening: EpochOpening;
  readonly handle: EpochHandle;
  readonly written: Uint8Array[];
  readonly frames: EncodedFrame[];
  readonly offers: SegmentOffer[];
  readonly losses: FrameLoss[];
  endReason: string | undefined;
  finish(reason: string, error?: Error): void;
}

/** Core's side of a stream, for adapters under test: takes everything, writes nothing to disk. Strict: misuse throws. */
export class FakeSourceContext implements SourceContext {
  readonly streamId = '00000000-0000-4000-8000-000000000001';
  readonly streamName = 'camera';
  readonly epochs: FakeEpoch[] = [];
  readonly reported: { readonly state: SourceState; readonly detail?: string }[] = [];
  /** Of frames that belong to no epoch. */
  readonly losses: FrameLoss[] = [];
  readonly silenceTimeoutMs = 3000;
  /** Every line that was logged, with its fields. */
  readonly logged: string[] = [];
  readonly logger: Logger = { debug: this.log(), info: this.log(), warn: this.log(), error: this.log() };
  /** Awaited before an epoch is given: core may take its time. */
  opening: Promise<void> = Promise.resolve();
  private readonly askedFor = Promise.withResolvers<void>();
  /** What earlier runs took. */
  readonly taken: TakenFile[] = [];
  /** What becomes of what is offered. */
  answer: (offer: SegmentOffer) => SegmentAnswer = () => ({ kind: 'taken', endPtsUs: 0 });

  /** Settles when an epoch was asked for. */
  get asked(): Promise<void> {
    return this.askedFor.promise;
  }

  async openEpoch(opening: EpochOpening): Promise<EpochHandle> {
    this.askedFor.resolve();
    await this.opening;
    if (!Number.isInteger(opening.startedAtMs) || opening.startedAtMs <= 0)
      throw new RangeError(`startedAtMs ${opening.startedAtMs} is no time`);
    const { input } = opening;
    if (input.kind === 'frames' && input.video === undefined && input.audio === undefined) throw new Error('frames of no track');
    const [written, frames, losses, offers] = [[] as Uint8Array[], [] as EncodedFrame[], [] as FrameLoss[], [] as SegmentOffer[]];
    const lastDtsUs: Partial<Record<EncodedFrame['track'], PtsUs>> = {};
    let settle: (outcome: { reason: string; error?: Error }) => void = () => undefined;
    const done = new Promise<{ readonly reason: string; readonly error?: Error }>((resolve) => (settle = resolve));
    const handle: EpochHandle = {
      epochId: `00000000-0000-4000-8000-${String(this.epochs.length + 1).padStart(12, '0')}`,
      write: (chunk) => {
        if (input.kind !== 'flv' && input.kind !== 'container') throw new Error('write() is for FLV and container inputs');
        if (epoch.endReason !== undefined) throw new Error('write() after the epoch ended');
        written.push(Uint8Array.from(chunk));
        return true;
      },
      put: (frame) => {
        if (input.kind !== 'frames') throw new Error('put() is for frames inputs');
        if (epoch.endReason !== undefined) throw new Error('put() after the epoch ended');
        if (input[frame.track] === undefined) throw new Error(`the epoch has no ${frame.track}`);
        if (frame.dtsUs < (lastDtsUs[frame.track] ?? 0)) throw new RangeError(`dtsUs ${frame.dtsUs} runs backwards`);
        lastDtsUs[frame.track] = frame.dtsUs;
        frames.push(frame);
        return true;
      },
      take: async (offer) => {
        if (input.kind !== 'segments') throw new Error('take() is for segments inputs');
        if (epoch.endReason !== undefined) return { kind: 'ended' };
        offers.push(offer);
        return this.answer(offer);
      },
      lost: (loss) => {
        if (loss.videoFrames + loss.audioFrames <= 0) throw new RangeError('a loss of no frames');
        losses.push(loss);
      },
      drained: () => Promise.resolve(),
      end: (reason) => {
        epoch.finish(reason);
        return Promise.resolve();
      },
      leave: () => {
        if (opening.recorded === undefined) throw new Error('leave() is for what was recorded');
        epoch.finish('left');
        return Promise.resolve();
      },
      done,
    };
    const epoch: FakeEpoch = {
      opening,
      handle,
      ...{ written, frames, losses, offers },
      endReason: undefined,
      finish: (reason, error) => {
        epoch.endReason ??= reason;
        settle(error === undefined ? { reason } : { reason, error });
      },
    };
    this.epochs.push(epoch);
    return handle;
  }

  lost(loss: FrameLoss): void {
    this.losses.push(loss);
  }

  takenFiles(): Promise<TakenFiles> {
    const { taken } = this;
    return Promise.resolve({
      has: (file) =>
        taken.some(({ name, sizeBytes, mtimeMs }) => name === file.name && sizeBytes === file.sizeBytes && mtimeMs === file.mtimeMs),
      get last() {
        return taken.at(-1);
      },
    });
  }

  report(state: SourceState, detail?: string): void {
    this.reported.push(detail === undefined ? { state } : { state, detail });
  }

  private log(): Logger['info'] {
    return (message, fields) => void this.logged.push(`${message} ${inspect(fields, { depth: 8 })}`);
  }
}
