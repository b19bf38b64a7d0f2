import { createInterface } from 'node:readline';
import type { Socket } from 'node:net';
import type { RawData, WebSocket } from 'ws';
import type { TokenOwner } from '../../persistence/access/token-store.js';
import { type Visit } from '../../plugin-api/index.js';
import { pageAnswer, pageMessage, type PageAnswer, type PageMessage, type PageProblem } from '../../wire/page-publish.wire.js';
import { CLOSE } from '../live/live-client.js';
import { MessageRate } from '../live/message-rate.js';

/** A piece of a recording: an encoder's keyframe, or some seconds of what a slow connection kept. */
export const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;
/** A recorder gives some ten pieces a second at most. */
const RATE = { burst: 300, perSecond: 60 };
const TERMINATE_AFTER_MS = 2_000;
/** After its last word a page has so long to hear what became of its recording. */
const ENDING_MS = 15_000;
/** An answer is short. */
const MAX_LINE_CHARS = 10_000;
const NORMAL = 1000;
/** By a word of the page's, by a page that is left, or without a reason; what ends otherwise was lost. */
const CLEAN_CODES: ReadonlySet<number> = new Set([NORMAL, 1001, 1005]);

/** What the page said first. */
export type PublishMessage = Extract<PageMessage, { type: 'publish' }>;

/** One page's connection: its first message, then its recording on the way to the ingest role. */
export class PagePublisher {
  owner: TokenOwner | null = null;
  visit: Visit | null = null;
  answered = true;
  private readonly rate = new MessageRate(RATE);
  private way: Socket | undefined;
  private asked: ((message: PublishMessage) => void) | undefined;
  private hasEnded = false;

  constructor(
    readonly socket: WebSocket,
    readonly address: string,
  ) {
    socket.on('pong', () => (this.answered = true));
    socket.on('message', (data, isBinary) => this.receive(data, isBinary));
    socket.once('close', (code) => {
      this.visit?.gone();
      if (CLEAN_CODES.has(code)) this.way?.end();
      else if (!this.hasEnded) this.way?.resetAndDestroy();
    });
  }

  get open(): boolean {
    return this.socket.readyState === 1;
  }

  /** Settles with what the page wants; never when it says nothing. */
  asks(): Promise<PublishMessage> {
    return new Promise((resolve) => (this.asked = resolve));
  }

  /** From now on what the page sends goes this way, no faster than it is read there. */
  goes(way: Socket): void {
    this.way = way;
    way.on('drain', () => this.socket.resume());
    way.on('error', () => undefined);
    // What it wrote before it closed comes first.
    way.once('close', () => this.close(CLOSE.full, 'The ingest role ended the connection'));
    createInterface({ input: way, crlfDelay: Number.POSITIVE_INFINITY }).on('line', (line) => this.hear(line));
    if (!this.open) return void way.resetAndDestroy();
    this.send({ type: 'accepted', maxMessageBytes: MAX_MESSAGE_BYTES });
  }

  refuse(problem: PageProblem, code: number): void {
    this.send({ type: 'refused', problem });
    this.close(code, problem.code);
  }

  close(code: number, reason: string): void {
    if (!this.open) return;
    this.socket.close(code, reason);
    // A peer that does not read never answers the close.
    setTimeout(() => this.socket.terminate(), TERMINATE_AFTER_MS).unref();
  }

  private send(answer: PageAnswer): void {
    if (this.open) this.socket.send(JSON.stringify(answer));
  }

  private receive(data: RawData, isBinary: boolean): void {
    if (!this.rate.take()) return this.close(CLOSE.tooManyMessages, 'Too many messages');
    if (isBinary) return this.pass(data as Buffer);
    const message = parse(data);
    if (message?.type === 'publish' && this.asked !== undefined) {
      const { asked } = this;
      this.asked = undefined;
      asked(message);
    } else if (message?.type === 'end' && this.way !== undefined && !this.hasEnded) {
      this.hasEnded = true;
      this.way.end();
      setTimeout(() => this.close(NORMAL, 'Ended'), ENDING_MS).unref();
    } else this.close(CLOSE.invalid, 'Not a message of this protocol');
  }

  private pass(data: Buffer): void {
    if (this.way === undefined || this.hasEnded) return this.close(CLOSE.invalid, 'Media comes between `accepted` and `end`');
    if (this.way.writable && !this.way.write(data)) this.socket.pause();
  }

  private hear(line: string): void {
    const answer = line.length > MAX_LINE_CHARS ? undefined : pageAnswer.safeParse(parseJson(line));
    if (answer?.success !== true) return;
    this.send(answer.data);
    if (answer.data.type === 'ended') this.close(answer.data.problem === undefined ? NORMAL : CLOSE.full, 'Ended');
  }
}

function parse(data: RawData): PageMessage | undefined {
  const message = pageMessage.safeParse(parseJson(String(data)));
  return message.success ? message.data : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
