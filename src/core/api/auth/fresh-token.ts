import { createHash, randomBytes } from 'node:crypto';

/** The first letters say what a token is for, so that a leak is recognised; the rest is 192 random bits. */
const PREFIX = { 'one-time': 'vdo_', session: 'vds_', api: 'vda_', invitation: 'vdi_' } as const;
export type TokenKind = keyof typeof PREFIX;

export interface FreshToken {
  /** Shown once, stored nowhere. */
  readonly token: string;
  readonly sha256: Buffer;
}

export function freshToken(kind: TokenKind): FreshToken {
  const token = PREFIX[kind] + randomBytes(24).toString('base64url');
  return { token, sha256: hashToken(token) };
}

/**
 * What is stored and looked up. The database compares hashes of random tokens: the time that takes says nothing of any token,
 * because nobody can choose a hash that is nearly right.
 */
export function hashToken(token: string): Buffer {
  return createHash('sha256').update(token, 'utf8').digest();
}
