import type { Socket } from 'node:net';
import {
  errorText,
  FlowGate,
  type FullPlaces,
  giveUpMemory,
  type Logger,
  type PublishGate,
  type SourceContext,
  type Visit,
} from 'vedette/plugin';
import { closeSocket } from './close-socket.js';
import { maxPublishersOf, type RtmpConfig } from './config.js';
import { Deadline } from './socket-deadline.js';
import { EpochFeed } from './media/epoch-feed.js';
import { keptBytes } from './message-limits.js';
import { GuardedRtmp, type MessageGate } from './nms/guarded-rtmp.js';
import type { RtmpMessage } from './protocol/chunk-reader.js';
import { readAnnouncement, readCommand, type RtmpCommand } from './protocol/command.js';
import { MessageType } from './protocol/message-type.js';
import { appOf, streamKeyOf } from './protocol/publish-command.js';
import type { Publisher, Publishers } from './publishers.js';
import { PacedFlow, type ReadPace } from './read-pace.js';
import {
  closingStatus,
  keyMissing,
  keyRefused,
  notAPublisher,
  overLimit,
  Refusal,
  strangersFull,
  tellRefusal,
  tooManyPublishers,
  unsupportedMedia,
  violation,
  type RefusalStatus,
} from './refusal.js';
import type { TroubleLog } from './trouble-log.js';

/** What Node.js reads of a socket at once. */
const WHOLE_READ_BYTES = 65_536;
const MAX_OUTPUT_BYTES = 256_000;
const MAX_CREATED_STREAMS = 8;

export interface SessionDeps {
  readonly config: RtmpConfig;
  readonly gate: PublishGate;
  readonly publishers: Publishers;
  readonly trouble: TroubleLog;
  readonly logger: Logger;
  readonly pace: ReadPace;
  /** The connection's place: a stranger's until its stream key is accepted. */
  readonly visit: Visit;
}

type State = 'handshake' | 'connecting' | 'connected' | 'authorising' | 'publishing' | 'closing';

/** So many times the announced distance of two pictures may pass without media. */
const MISSING_FRAMES = 2.5;

/**
 * One connection. Whatever throws while its bytes are handled closes it and nothing else; media is taken only while it is
 * the authorised publisher of a stream. Each close says why: to the publisher, once it has connected, and to the operator.
 */
export class RtmpSession implements Publisher, MessageGate {
  private state: State = 'handshake';
  private bytesIn = 0;
  private createdStreams = 0;
  private publishStreamId = 0;
  private app: string | undefined;
  private streamKey: string | undefined;
  private context: SourceContext | undefined;
  private feed: EpochFeed | undefined;
  private readonly rtmp: GuardedRtmp;
  private readonly reading: PacedFlow;
  private readonly flow: FlowGate;
  private readonly progress = new Deadline();
  private readonly silence = new Deadline();
  private readonly endedPromise = Promise.withResolvers<void>();

  constructor(
    private readonly socket: Socket,
    private readonly remote: string,
    private readonly deps: SessionDeps,
  ) {
    this.rtmp = new GuardedRtmp(this);
    this.reading = new PacedFlow({ pause: () => socket.pause(), resume: () => this.readOn() }, deps.pace);
    this.flow = new FlowGate(this.reading, () => this.silence.touch());
    this.expect(deps.config.handshakeTimeout, 'no handshake in time');
    socket.setNoDelay(true);
    socket.on('data', (bytes) => {
      const { length } = bytes;
      this.guard(() => this.read(bytes));
      if (this.state === 'publishing') giveUpMemory(bytes);
      // As much as one read takes: there is more.
      if (this.state === 'publishing' && length < WHOLE_READ_BYTES) this.reading.rest();
    });
    socket.on('end', () => this.finish('the publisher closed the connection'));
    socket.on('error', () => this.finish('the connection was lost'));
    socket.on('close', () => this.finish('the connection was closed'));
  }

  get ended(): Promise<void> {
    return this.endedPromise.promise;
  }

  takenOver(): void {
    this.context = undefined; // the stream's state is the other publisher's to report
    this.deps.visit.gone(); // so is the place
    this.finish('another publisher with a valid key took over');
  }

  /** The places of those without a key are full, and this connection has one of them for longest. */
  turnedAway(full: FullPlaces): void {
    this.fail(strangersFull(full));
  }

  /** Closes the connection. Settles when the last epoch has ended. */
  stop(reason: string): Promise<void> {
    this.finish(reason, undefined, 'clean');
    return this.ended;
  }

  keptBytes(type: number, lengthBytes: number): number {
    return keptBytes(this.deps.config, type, lengthBytes, this.state === 'publishing');
  }

  budgetBytes(): number {
    const { config } = this.deps;
    return this.state === 'publishing' ? 2 * config.maxVideoMessage + config.maxAudioMessage : config.preAuthBytes;
  }

  output(bytes: Buffer): void {
    if (this.socket.writableLength > MAX_OUTPUT_BYTES) throw overLimit('the peer does not read its answers');
    if (this.socket.writable) this.socket.write(bytes);
  }

  message(message: RtmpMessage): void {
    switch (message.type) {
      case MessageType.command:
        return this.command(readCommand(message.payload), message.streamId);
      case MessageType.commandAmf3:
        return this.command(readCommand(message.payload.subarray(1)), message.streamId);
      case MessageType.video:
        return this.publisher().takeVideo(message.timestampMs, message.payload);
      case MessageType.audio:
        return this.publisher().takeAudio(message.timestampMs, message.payload);
      case MessageType.data:
      case MessageType.dataAmf3: {
        const announced = readAnnouncement(message.type === MessageType.data ? message.payload : message.payload.subarray(1));
        if (announced !== undefined) this.feed?.announce(announced);
        return;
      }
      default: // shared objects and the like: nothing Vedette has, nothing that harms
    }
  }

  /** All that came while it was paused, as one piece: a socket that is only resumed gives each small write by itself. */
  private readOn(): void {
    const { socket } = this;
    if (socket.read() === null || !this.reading.isPaused) socket.resume();
  }

  private read(bytes: Buffer): void {
    if (this.state === 'closing') return;
    this.bytesIn += bytes.length;
    if (this.state !== 'publishing' && this.bytesIn > this.deps.config.preAuthBytes) throw overLimit('too much before a stream key');
    this.rtmp.feed(bytes);
    if (this.rtmp.handshakeDone) this.shookHands();
  }

  private shookHands(): void {
    if (this.state !== 'handshake') return;
    this.state = 'connecting';
    this.expect(this.deps.config.publishTimeout, 'no stream key in time');
  }

  private command(command: RtmpCommand, streamId: number): void {
    this.shookHands(); // its end and this command may have come in one piece
    if (command.name === 'connect') return this.connect(command);
    if (this.state === 'connecting') throw violation('a command before connect');
    switch (command.name) {
      case 'createStream':
        if (++this.createdStreams > MAX_CREATED_STREAMS) throw overLimit('too many streams on one connection');
        return this.rtmp.respondCreateStream(command.transactionId);
      case 'releaseStream':
      case 'FCPublish':
        return this.rtmp.sendInvokeMessage(0, { cmd: '_result', transId: command.transactionId, cmdObj: null });
      case 'publish':
        return this.publish(command, streamId);
      case 'play':
      case 'play2':
        throw new Refusal('play', 'playing by RTMP is closed', { code: 'NetStream.Play.Failed', description: 'Playing is closed' });
      case 'FCUnpublish':
      case 'closeStream':
      case 'deleteStream':
        if (this.state !== 'publishing') return;
        return this.finish('the publisher ended the stream', { code: 'NetStream.Unpublish.Success', description: 'Stream ended' }, 'clean');
      default: // commands of other servers' dialects are not answered
    }
  }

  private connect(command: RtmpCommand): void {
    if (this.state !== 'connecting') throw violation('a second connect');
    const app = (this.app = appOf(command));
    if (app === undefined || !this.deps.config.apps.includes(app)) {
      this.rtmp.refuseConnect(command.transactionId, 'No such application');
      throw new Refusal('unknown-app', 'no such application');
    }
    this.state = 'connected';
    this.rtmp.acceptConnect(command.transactionId);
  }

  private publish(command: RtmpCommand, streamId: number): void {
    const key = streamKeyOf(command);
    if (this.state !== 'connected') return this.publishAgain(key, streamId);
    this.publishStreamId = streamId;
    if (key === undefined) throw keyMissing();
    this.state = 'authorising';
    this.streamKey = key;
    const release = this.flow.hold();
    this.deps.visit
      .examine(this.deps.gate.authorise(key, this.remote, { app: this.app, takeover: this.deps.config.takeover }))
      .then((answer) =>
        this.guard(() => {
          if (this.state !== 'authorising')
            return 'context' in answer ? answer.context.report('stopped', 'the publisher left before it was let in') : undefined;
          if ('refused' in answer) throw keyRefused(answer.refused);
          this.admit(answer.context);
        }),
      )
      .catch((error: unknown) => this.fail(error))
      .finally(release);
  }

  /** Some encoders say it twice: what is published goes on, whatever the answer. */
  private publishAgain(key: string | undefined, streamId: number): void {
    if (key !== this.streamKey) {
      const description = 'This connection publishes already: open another one for another stream';
      return this.rtmp.sendStatusMessage(streamId, 'error', 'NetStream.Publish.BadName', description);
    }
    if (this.state === 'publishing') this.answerPublish(streamId); // else the answer is still to come
  }

  private answerPublish(streamId: number): void {
    this.rtmp.sendStreamStatus(0, streamId);
    this.rtmp.sendStatusMessage(streamId, 'status', 'NetStream.Publish.Start', 'Stream is now published');
  }

  private admit(context: SourceContext): void {
    const { config, publishers, logger, visit } = this.deps;
    this.context = context;
    const streamFree = publishers.claim(context.streamId, this);
    if (!visit.known()) throw tooManyPublishers(maxPublishersOf(config));
    this.state = 'publishing';
    this.feed = new EpochFeed({
      context,
      remote: this.remote,
      flow: this.flow,
      streamFree,
      wallClockMs: () => Date.now(),
      awaitingKeyframe: (waiting) => {
        if (waiting) return this.expect(config.keyframeTimeout, 'no video: no keyframe in time');
        this.progress.clear();
        this.watchSilence(this.silenceTimeoutMs(context));
      },
      lost: (reason, error) => {
        if (error !== undefined) logger.error('The packager of a stream failed', { streamId: context.streamId, error: String(error) });
        // Without an error it was core that ended it: the key was revoked, the stream switched off.
        this.finish(reason, undefined, error === undefined ? 'clean' : 'lost');
      },
    });
    logger.info('Publisher accepted', { streamId: context.streamId, remote: this.remote });
    context.report('starting', `publisher connected from ${this.remote}`);
    this.answerPublish(this.publishStreamId);
  }

  private publisher(): EpochFeed {
    if (this.feed === undefined) throw notAPublisher();
    this.silence.touch();
    return this.feed;
  }

  /** A stream of a picture every five seconds is not silent after three: at least two of its pictures must be missing. */
  private silenceTimeoutMs(context: SourceContext): number {
    const frameMs = this.feed?.announcedFrameMs ?? 0;
    return Math.max(this.deps.config.silenceTimeout ?? context.silenceTimeoutMs, Math.round(MISSING_FRAMES * frameMs));
  }

  private watchSilence(timeoutMs: number): void {
    this.silence.arm(timeoutMs, () => {
      // While the packager holds the publisher back, the silence is ours.
      if (this.flow.held) return this.watchSilence(timeoutMs);
      this.finish(`no media for ${timeoutMs / 1000} s`);
    });
  }

  /** Ends the connection unless something else is awaited, or nothing, by then. */
  private expect(withinMs: number, missing: string): void {
    this.progress.arm(withinMs, () => {
      if (this.flow.held && this.state === 'publishing') return this.expect(withinMs, missing);
      this.fail(this.state === 'publishing' ? unsupportedMedia(missing) : new Refusal('deadline', missing));
    });
  }

  private guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.fail(error);
    }
  }

  private fail(error: unknown): void {
    if (this.state === 'closing') return;
    const refusal = error instanceof Refusal ? error : new Refusal('internal', 'handling its bytes failed');
    const fields = { remote: this.remote, reason: refusal.reason, streamId: this.context?.streamId };
    this.deps.trouble.report(refusal.kind, 'RTMP connection closed', fields);
    tellRefusal(this.deps.gate, this.remote, refusal, this.app);
    if (!(error instanceof Refusal)) this.deps.trouble.report('internal-error', errorText(error));
    this.finish(refusal.reason, refusal.status, refusal.kind === 'unsupported-media' ? 'unusable' : 'lost');
  }

  /** The one way out: says the last word, ends the epoch at once, closes the socket. */
  private finish(reason: string, status?: RefusalStatus, how: 'clean' | 'lost' | 'unusable' = 'lost'): void {
    if (this.state === 'closing') return;
    const left = this.state;
    this.state = 'closing';
    this.progress.clear();
    this.silence.clear();
    (this.feed?.end(reason) ?? Promise.resolve()).then(this.endedPromise.resolve, this.endedPromise.resolve);
    try {
      this.context?.report(how === 'clean' ? 'stopped' : how === 'unusable' ? 'failed' : 'retrying', reason);
      if (this.context !== undefined) this.deps.logger.info('Publisher gone', { streamId: this.context.streamId, reason });
      if (left !== 'handshake' && left !== 'connecting') {
        const { code, description } = status ?? closingStatus(reason, this.feed !== undefined, how === 'clean');
        this.rtmp.sendStatusMessage(this.publishStreamId, how === 'clean' ? 'status' : 'error', code, description);
      }
    } catch (error) {
      this.deps.trouble.report('internal-error', errorText(error));
    }
    if (left === 'handshake') this.socket.destroy();
    else closeSocket(this.socket);
  }
}
