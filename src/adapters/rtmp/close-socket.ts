import type { Socket } from 'node:net';

/** How long a closed connection may take to read its last words before its socket is destroyed. */
const LINGER_MS = 1000;

/**
 * Closes a socket so that the peer can still read what it was told. Half-closed sockets are not kept: what the peer goes on
 * sending is thrown away unread, and not for long.
 */
export function letGo(socket: Socket): void {
  if (socket.destroyed) return;
  socket.end();
  socket.resume();
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once('close', () => clearTimeout(timer));
}
