import type { IncomingMessage } from 'node:http';

/**
 * Whether a browser says that the request was made by a page of ours. Origins are compared by host and port: behind a proxy that
 * ends TLS the scheme seen here is not the browser's.
 * @param missing what to answer when the request does not say where it comes from, as programs do not
 */
export function isSameOrigin(request: IncomingMessage, allowedOrigins: readonly string[], missing: boolean): boolean {
  const origin = request.headers.origin;
  if (origin !== undefined) return isOwnOrigin(origin, request.headers.host) || allowedOrigins.includes(origin);
  const site = request.headers['sec-fetch-site'];
  return site === undefined ? missing : site === 'same-origin';
}

function isOwnOrigin(origin: string, host: string | undefined): boolean {
  if (host === undefined || !URL.canParse(origin)) return false;
  const url = new URL(origin);
  return (url.protocol === 'http:' || url.protocol === 'https:') && url.host === host.toLowerCase();
}
