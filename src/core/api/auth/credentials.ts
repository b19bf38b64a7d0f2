import type { IncomingMessage } from 'node:http';

export const SESSION_COOKIE = 'vedette_session';

/** The token a request brings: never from its URL, which lands in logs and histories. */
export function credentialsOf(request: IncomingMessage): { token: string; via: 'cookie' | 'bearer' } | null {
  const bearer = /^Bearer +([\w-]{8,256})$/i.exec(request.headers.authorization ?? '')?.[1];
  if (bearer !== undefined) return { token: bearer, via: 'bearer' };
  for (const pair of (request.headers.cookie ?? '').split(';')) {
    const at = pair.indexOf('=');
    if (at > 0 && pair.slice(0, at).trim() === SESSION_COOKIE) {
      const token = pair.slice(at + 1).trim();
      return /^[\w-]{8,256}$/.test(token) ? { token, via: 'cookie' } : null;
    }
  }
  return null;
}
