import type { Socket } from 'node:net';

/** How long a closed connection may take to read its last words before its socket is destroyed. */
const LINGER_MS = 1000;

/**
 * Closes a socket so that the peer can still read the last answer. Half-closed sockets are not kept: what the peer sends from now
 * on is thrown away unread, and not for long.
 */
export function closeSocket(socket: Socket): void {
  if (socket.destroyed) return;
  socket.end();
  socket.resume();
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once('close', () => clearTimeout(timer));
}
