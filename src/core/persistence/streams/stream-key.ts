import { createHash, randomBytes } from 'node:crypto';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';
const PREFIX = 'vd_';
const KEY_BYTES = 20;

/** A fresh stream key: `vd_` and 160 random bits in 32 letters and digits that survive being read aloud. */
export function newStreamKey(): string {
  let bits = 0;
  let value = 0;
  let text = PREFIX;
  for (const byte of randomBytes(KEY_BYTES)) {
    value = (value << 8) | byte;
    for (bits += 8; bits >= 5; bits -= 5) text += ALPHABET[(value >>> (bits - 5)) & 31];
  }
  return text;
}

/** What is stored. A key has full entropy: a plain hash cannot be searched. */
export function streamKeySha256(key: string): Buffer {
  return createHash('sha256').update(key, 'utf8').digest();
}

/** The last four characters, for telling keys apart in lists. */
export function streamKeyHint(key: string): string {
  return `…${key.slice(-4)}`;
}
