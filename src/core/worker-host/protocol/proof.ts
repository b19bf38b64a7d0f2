import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { TLSSocket } from 'node:tls';

/** RFC 5705 label: both ends of one TLS connection get the same bytes, and no one else does. */
const EXPORTER_LABEL = 'EXPORTER-vedette-worker-host';
const CONTEXT = 'vedette worker-host 2';

/** What is unlike for each TLS connection, as one end of it sees it. */
export interface Channel {
  /** SHA-256 of the host's certificate, hex. */
  readonly fingerprint: string;
  /** Keying material that both ends of this very connection share (RFC 9266). */
  readonly exporter: string;
}

export interface Nonces {
  readonly worker: string;
  readonly host: string;
}

export const newNonce = (): string => randomBytes(32).toString('base64url');

/**
 * Shows that this end has the token, without sending it, for these nonces and this connection only. Relayed over another
 * connection it is worth nothing: not even one who has stolen the certificate's key can stand in between.
 */
export function proofOf(who: 'worker' | 'host', token: string, nonces: Nonces, channel: Channel): string {
  const said = JSON.stringify([CONTEXT, who, nonces.worker, nonces.host, channel.fingerprint, channel.exporter]);
  return createHmac('sha256', token).update(said).digest('base64url');
}

/** In constant time, whatever was sent. */
export function isProof(given: string, expected: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

export const exporterOf = (socket: TLSSocket): string =>
  socket.exportKeyingMaterial(32, EXPORTER_LABEL, Buffer.alloc(0)).toString('base64url');

export const fingerprintOf = (certificateDer: Buffer): string => createHash('sha256').update(certificateDer).digest('hex');

/** `AA:BB:…` and `sha256:aabb…` as plain hex. */
export const plainFingerprint = (written: string): string =>
  written
    .replace(/^sha-?256[:=]?/i, '')
    .replaceAll(':', '')
    .toLowerCase();
