import type { WebSocket } from 'ws';
import type { ClientMessage, ServerMessage } from '../../src/app/api/models';
import { queueFigures } from './queue-figures.ts';
import { iso } from './stage.ts';

/** Messages that stand in the feed: the mock gives them their cursor. */
type Kept = Extract<ServerMessage, { type: `${'stream' | 'epoch' | 'segment' | 'run' | 'event'}.${string}` }>;
type WithoutCursor<Message> = Message extends unknown ? Omit<Message, 'cursor'> : never;
export type News = WithoutCursor<Kept>;

interface Entry {
  readonly number: number;
  readonly topics: readonly string[];
  readonly text: string;
}

/** Clients that reconnect get at most so many messages they missed. */
const MAX_KEPT = 400;
const QUEUES_EVERY_MS = 1_000;

/** The WebSocket's feed: what happened, in order, resumable by cursor. */
export class MockFeed {
  private readonly log: Entry[] = [];
  private readonly topics = new Map<WebSocket, ReadonlySet<string>>();
  private last = 0;
  private isResetNext = false;

  constructor() {
    setInterval(() => this.tell('queues', { type: 'queues', queues: queueFigures() }), QUEUES_EVERY_MS).unref();
  }

  say(news: News): void {
    const number = ++this.last;
    const entry = { number, topics: topicsOf(news), text: JSON.stringify({ ...news, cursor: cursorOf(number) }) };
    this.log.push(entry);
    if (this.log.length > MAX_KEPT) this.log.shift();
    for (const [socket, wanted] of this.topics) if (entry.topics.some((topic) => wanted.has(topic))) socket.send(entry.text);
  }

  serve(socket: WebSocket): void {
    this.topics.set(socket, new Set());
    socket.on('close', () => this.topics.delete(socket));
    socket.on('message', (data: Buffer) => this.hear(socket, JSON.parse(data.toString('utf8')) as ClientMessage));
    send(socket, { type: 'hello', cursor: cursorOf(this.last), serverTime: iso(Date.now()) });
  }

  /** Breaks all connections off. */
  dropAll(): void {
    for (const socket of this.topics.keys()) socket.terminate();
  }

  /** Answers the next resume with a reset. */
  resetNext(): void {
    this.isResetNext = true;
  }

  private hear(socket: WebSocket, message: ClientMessage): void {
    if (message.type === 'ping') send(socket, { type: 'pong' });
    if (message.type !== 'subscribe') return;
    const wanted = new Set(message.topics);
    this.topics.set(socket, wanted);
    const since = message.cursor === undefined ? this.last : Number(message.cursor.split('.')[1]);
    if (this.isResetNext || since < (this.log[0]?.number ?? 1) - 1) {
      this.isResetNext = false;
      send(socket, { type: 'reset', cursor: cursorOf(this.last), reason: 'the cursor is older than the feed' });
    } else {
      for (const { number, topics, text } of this.log) if (number > since && topics.some((topic) => wanted.has(topic))) socket.send(text);
    }
    if (wanted.has('status')) send(socket, { type: 'status', level: 'good', text: 'All is well', causes: [] });
    send(socket, { type: 'subscribed', topics: message.topics, cursor: cursorOf(this.last) });
  }

  private tell(topic: string, message: ServerMessage): void {
    for (const [socket, wanted] of this.topics) if (wanted.has(topic)) send(socket, message);
  }
}

const cursorOf = (number: number): string => `0.${number}`;
const send = (socket: WebSocket, message: ServerMessage): void => socket.send(JSON.stringify(message));

function topicsOf(news: News): string[] {
  switch (news.type) {
    case 'stream.changed':
      return ['streams', `stream:${news.stream.id}`];
    case 'stream.removed':
      return ['streams', `stream:${news.streamId}`];
    case 'epoch.opened':
    case 'epoch.closed':
      return ['streams', `stream:${news.epoch.streamId}`];
    case 'segment.ready':
      return [`stream:${news.segment.streamId}`];
    case 'run.finished':
      return ['runs', `stream:${news.run.streamId}`];
    case 'event.closed':
      return [`stream:${news.event.streamId}`];
  }
}
