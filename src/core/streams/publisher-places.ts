import type { StreamRecord } from '../persistence/streams/stream-store.js';
import { type EpochHandle, type Logger, plainAddress, type SourceState } from '../plugin-api/index.js';
import type { StreamStates } from './stream-states.js';
import { TakeoverFights } from './takeover-fights.js';

const GONE: ReadonlySet<SourceState> = new Set(['retrying', 'failed', 'stopped']);

/** What keeps a publisher out. */
export interface Bar {
  readonly code: string;
  /** For the operator, in place of the code's title. */
  readonly reason?: string;
}

/** A publisher that was admitted. */
export class StreamPublisher {
  readonly address: string;
  private readonly open = new Set<EpochHandle>();
  /** Or tried to. */
  private hasOpened = false;
  private said: { readonly state: SourceState; readonly detail: string | undefined } | undefined;
  /** Whether what was said last of its stream tells of a fight. */
  isSaidToFight = false;

  constructor(
    readonly streamId: string,
    remote: string,
  ) {
    this.address = plainAddress(remote);
  }

  get last(): StreamPublisher['said'] {
    return this.said;
  }

  reported(state: SourceState, detail: string | undefined): void {
    this.said = { state, detail };
  }

  /** It was not given an epoch. It may try again, and keeps nobody else out meanwhile. */
  opensInVain(): void {
    this.hasOpened = true;
  }

  opened(epoch: EpochHandle): void {
    this.hasOpened = true;
    this.open.add(epoch);
    void epoch.done.then(() => this.open.delete(epoch));
  }

  /** It was let in and has not left, nor ended all that it opened. */
  get isHere(): boolean {
    if (this.said !== undefined && GONE.has(this.said.state)) return false;
    return this.open.size > 0 || !this.hasOpened;
  }
}

/** Who publishes what on this node: one publisher per stream. What an earlier one reports no longer counts. */
export class PublisherPlaces {
  /** By stream: the publisher admitted last. */
  private readonly latest = new Map<string, StreamPublisher>();
  private readonly fights: TakeoverFights;

  constructor(
    private readonly states: Pick<StreamStates, 'report'>,
    private readonly logger: Logger,
    nowMs?: () => number,
  ) {
    this.fights = new TakeoverFights(nowMs);
  }

  /** Why a newcomer may not have the stream now; undefined: it may. */
  bar(streamId: string, isTakeover: boolean): Bar | undefined {
    const holder = this.latest.get(streamId);
    if (holder?.isHere !== true) return undefined;
    if (!isTakeover)
      return { code: 'VD_INGEST_STREAM_BUSY', reason: `Another encoder publishes to the stream already, from ${holder.address}` };
    const delayMs = this.fights.delayMs(streamId);
    if (delayMs === 0) return undefined;
    const reason = `${this.fights.detail(streamId) ?? ''}. It may be taken over again in ${Math.ceil(delayMs / 1000)} s`;
    return { code: 'VD_INGEST_TAKEOVER_TOO_SOON', reason };
  }

  /** Gives the stream to a publisher, in place of the one that has it. */
  take(stream: StreamRecord, remote: string): StreamPublisher {
    const holder = this.latest.get(stream.id);
    const publisher = new StreamPublisher(stream.id, remote);
    this.latest.set(stream.id, publisher);
    if (holder?.isHere === true) this.took(stream, holder.address, publisher.address);
    return publisher;
  }

  /** A publisher brought the stream from another living node. */
  tookFrom(stream: StreamRecord, nodeName: string, remote: string): void {
    const { id, name } = stream;
    this.logger.info('A publisher brought a stream from another ingest node', { streamId: id, stream: name, from: nodeName });
    this.took(stream, `one at the ingest node "${nodeName}"`, plainAddress(remote));
  }

  has(streamId: string): boolean {
    return this.latest.has(streamId);
  }

  isLatest(publisher: StreamPublisher): boolean {
    return this.latest.get(publisher.streamId) === publisher;
  }

  forget(streamId: string): void {
    this.latest.delete(streamId);
  }

  report(publisher: StreamPublisher, state: SourceState, detail: string | undefined): void {
    publisher.reported(state, detail);
    const fight = publisher.isHere ? this.fights.detail(publisher.streamId) : undefined;
    publisher.isSaidToFight = fight !== undefined;
    const text = [detail, fight].filter((part) => part !== undefined).join('. ');
    this.states.report(publisher.streamId, state, text === '' ? undefined : text);
  }

  /** Says anew how the streams are whose fights are over. */
  tellPeace(): void {
    for (const [streamId, publisher] of this.latest) {
      const { last, isSaidToFight, isHere } = publisher;
      if (!isSaidToFight || !isHere || last === undefined || this.fights.detail(streamId) !== undefined) continue;
      this.report(publisher, last.state, last.detail);
    }
  }

  private took({ id, name }: StreamRecord, from: string, by: string): void {
    if (this.fights.took(id, from, by)) this.logger.warn(this.fights.detail(id) ?? '', { streamId: id, stream: name });
  }
}
