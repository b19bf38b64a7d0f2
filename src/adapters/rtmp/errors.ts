import { defineErrors, type CodedError } from 'vedette/plugin';

/** The adapter's errors. */
const rows = {
  VD_RTMP_PORT_TAKEN: {
    fix:
      'Stop the program that holds the port, or set another one: plugins[].sources.rtmp.port. A second Vedette on this machine ' +
      'needs its own.',
    retryable: true,
  },
  VD_RTMP_PORT_DENIED: {
    fix: 'Ports below 1024 need privileges on most systems: set plugins[].sources.rtmp.port to a higher one.',
    retryable: false,
  },
  VD_RTMP_HOST_UNAVAILABLE: {
    fix: 'Set plugins[].sources.rtmp.host to an address of this machine, or to 0.0.0.0 for all of them.',
    retryable: true,
  },
  VD_RTMP_LISTEN_FAILED: {
    fix: 'Read the cause; the address comes from plugins[].sources.rtmp.host and .port.',
    retryable: true,
  },
  VD_RTMP_STRANGERS_FULL: {
    fix:
      'Connections without an accepted stream key took all places, and the oldest was closed. If they are encoders of yours, give them ' +
      'a right key; else block the address that the audit trail names, or raise plugins[].sources.rtmp.maxStrangers.',
    retryable: true,
  },
  VD_RTMP_PUBLISHERS_FULL: {
    fix: 'Raise plugins[].sources.rtmp.maxPublishers, or end publishers that are not needed.',
    retryable: true,
  },
  VD_RTMP_APP_UNKNOWN: {
    fix: 'Publish to an application that plugins[].sources.rtmp.apps names.',
    retryable: false,
  },
  VD_RTMP_PLAY_CLOSED: {
    fix: 'Watch the stream by HLS, at the address that the dashboard shows: RTMP is for publishing only.',
    retryable: false,
  },
  VD_RTMP_NOT_AUTHORISED: {
    fix: 'Publish with a stream key before sending media.',
    retryable: false,
  },
  VD_RTMP_NETWORK_REFUSED: {
    fix: 'If the encoder is yours, add its address or network to plugins[].sources.rtmp.networks.',
    retryable: false,
  },
  VD_RTMP_TLS_UNREADABLE: {
    fix: 'Check the path in plugins[].sources.rtmp.tls, and that the user that runs Vedette may read the file.',
    retryable: true,
  },
  VD_RTMP_TLS_INVALID: {
    fix: 'Let tls.certFile name the certificate with its chain and tls.keyFile its private key, both in PEM (-----BEGIN …).',
    retryable: true,
  },
  VD_RTMP_TLS_MISMATCH: {
    fix:
      'Take certificate and key of one issue: `openssl x509 -noout -pubkey -in certFile` and `openssl pkey -pubout -in keyFile` must ' +
      'print the same. After a renewal both files have to be replaced.',
    retryable: true,
  },
} as const;
export const rtmpError = defineErrors(rows);

/** What to do about a refusal, by its code. */
export const rtmpFixes: Readonly<Record<string, string>> = Object.fromEntries(Object.entries(rows).map(([code, { fix }]) => [code, fix]));

/** Names the trouble behind a failed `listen`. */
export function listenError(cause: NodeJS.ErrnoException, host: string, port: number): CodedError {
  const where = `${host}:${port}`;
  switch (cause.code) {
    case 'EADDRINUSE':
      return rtmpError('VD_RTMP_PORT_TAKEN', `RTMP cannot listen on ${where}: another program has the port`, { cause });
    case 'EACCES':
      return rtmpError('VD_RTMP_PORT_DENIED', `RTMP may not listen on ${where}: permission denied`, { cause });
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return rtmpError('VD_RTMP_HOST_UNAVAILABLE', `RTMP cannot listen on ${where}: not an address of this machine`, { cause });
    default:
      return rtmpError('VD_RTMP_LISTEN_FAILED', `RTMP cannot listen on ${where}: ${cause.message}`, { cause });
  }
}
