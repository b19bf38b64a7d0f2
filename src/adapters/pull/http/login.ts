import { createHash, randomBytes } from 'node:crypto';

export interface Login {
  readonly username: string;
  readonly password: string;
}

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
/** @example parameterOf('Digest realm="cam", qop="auth"', 'realm') === 'cam' */
const parameterOf = (challenge: string, name: string): string | undefined =>
  new RegExp(`[\\s,]${name}\\s*=\\s*(?:"([^"]*)"|([^\\s,]*))`, 'i')
    .exec(challenge)
    ?.slice(1)
    .find((value) => value !== undefined);
const quoted = (text: string): string => `"${text.replace(/["\\\r\n]/g, '')}"`;

/**
 * The `Authorization` header that answers a server's challenge (RFC 7616 with MD5, as cameras have it, or Basic).
 * @param challenge its `WWW-Authenticate`
 * @returns undefined for schemes that are not known
 */
export function authorizationFor(challenge: string, { username, password }: Login, method: string, path: string): string | undefined {
  const digest = /(?:^|,\s*)(Digest\s.*)/i.exec(challenge)?.[1];
  if (digest === undefined || !/^(MD5)?$/i.test(parameterOf(digest, 'algorithm') ?? ''))
    return /(?:^|,\s*)Basic\b/i.test(challenge) ? `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` : undefined;
  const [realm, nonce] = [parameterOf(digest, 'realm') ?? '', parameterOf(digest, 'nonce') ?? ''];
  const opaque = parameterOf(digest, 'opaque');
  const hasQop = (parameterOf(digest, 'qop') ?? '').split(/\s*,\s*/).includes('auth');
  const [once, count] = [randomBytes(8).toString('hex'), '00000001'];
  const [who, what] = [md5(`${username}:${realm}:${password}`), md5(`${method}:${path}`)];
  const response = hasQop ? md5(`${who}:${nonce}:${count}:${once}:auth:${what}`) : md5(`${who}:${nonce}:${what}`);
  return [
    `Digest username=${quoted(username)}, realm=${quoted(realm)}, nonce=${quoted(nonce)}, uri=${quoted(path)}, response="${response}"`,
    ...(hasQop ? [`qop=auth, nc=${count}, cnonce="${once}"`] : []),
    ...(opaque === undefined ? [] : [`opaque=${quoted(opaque)}`]),
  ].join(', ');
}
