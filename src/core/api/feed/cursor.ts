import type { FeedPosition } from '../../persistence/read/feed-reads.js';

/** Opaque to clients: `<xid>-<id>`. */
export function encodeCursor(position: FeedPosition): string {
  return `${position.xid}-${position.id}`;
}

/** @returns null for anything that is not one of our cursors */
export function decodeCursor(cursor: string): FeedPosition | null {
  const match = /^(0|[1-9]\d{0,18})-(0|[1-9]\d{0,17})$/.exec(cursor);
  return match === null ? null : { xid: match[1] ?? '0', id: match[2] ?? '0' };
}
