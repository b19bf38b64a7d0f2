import { setTimeout as delay } from 'node:timers/promises';

const LOOK_EVERY_MS = 500;

export interface Followed<T> {
  readonly look: () => Promise<T>;
  readonly isOver: (now: T) => boolean;
  /** How far it is, in a line. */
  readonly lineOf: (now: T) => string;
}

/** Tells how far something is until it is over: on a terminal in one line that is written over, elsewhere only what became of it. */
export async function follow<T>({ look, isOver, lineOf }: Followed<T>): Promise<T> {
  for (;;) {
    const now = await look();
    const isLast = isOver(now);
    if (process.stdout.isTTY) process.stdout.write(`\r\u001b[K${lineOf(now)}${isLast ? '\n' : ''}`);
    else if (isLast) process.stdout.write(`${lineOf(now)}\n`);
    if (isLast) return now;
    await delay(LOOK_EVERY_MS);
  }
}
