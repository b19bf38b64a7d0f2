import { defineErrors, type CodedError } from 'vedette/plugin';

/** The adapter's errors. */
export const rtmpError = defineErrors({
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
  VD_RTMP_TLS_UNREADABLE: {
    fix: 'Check plugins[].sources.rtmp.tls: certFile and keyFile must be readable PEM files that belong together.',
    retryable: false,
  },
});

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
