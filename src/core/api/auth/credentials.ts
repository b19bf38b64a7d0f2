import type { IncomingMessage } from 'node:http';

const NAME = 'vedette_session';
/** Browsers take a cookie of such a name by TLS only, and from this very host: no neighbour under the same domain can plant one. */
const SECURE_NAME = `__Host-${NAME}`;

/** @param isSecure whether the browser speaks TLS, to us or to a proxy of ours */
export const sessionCookie = (isSecure: boolean): string => (isSecure ? SECURE_NAME : NAME);

/** The token a request brings: never from its URL, which lands in logs and histories. */
export function credentialsOf(request: IncomingMessage): { token: string; via: 'cookie' | 'bearer' } | null {
  const bearer = /^Bearer +([\w-]{8,256})$/i.exec(request.headers.authorization ?? '')?.[1];
  if (bearer !== undefined) return { token: bearer, via: 'bearer' };
  const cookies = new Map<string, string>();
  for (const pair of (request.headers.cookie ?? '').split(';')) {
    const at = pair.indexOf('=');
    const name = pair.slice(0, Math.max(0, at)).trim();
    if (!cookies.has(name)) cookies.set(name, pair.slice(at + 1).trim());
  }
  const token = cookies.get(SECURE_NAME) ?? cookies.get(NAME);
  return token !== undefined && /^[\w-]{8,256}$/.test(token) ? { token, via: 'cookie' } : null;
}
