import { randomBytes, scrypt, timingSafeEqual, type ScryptOptions } from 'node:crypto';

/** What one comparison costs: 32 MiB and about 0.2 s of one core, as OWASP advises for interactive sign-in. */
const COST = { ln: 15, r: 8, p: 3 };
const SALT_BYTES = 16;
const KEY_BYTES = 32;
const ENCODED = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([\w-]+)\$([\w-]+)$/;

/**
 * A password as it is stored: `$scrypt$ln=15,r=8,p=3$<salt>$<key>`. The parameters stand in it, so that they may change: older hashes
 * are compared by their own.
 */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const key = await derive(password, salt, KEY_BYTES, COST);
  return `$scrypt$ln=${COST.ln},r=${COST.r},p=${COST.p}$${salt.toString('base64url')}$${key.toString('base64url')}`;
}

/** Whether it is the password; takes as long whatever the answer is. @throws Error for a text that is no such hash */
export async function isPassword(password: string, encoded: string): Promise<boolean> {
  const [, ln, r, p, salt, key] = ENCODED.exec(encoded) ?? [];
  if (salt === undefined || key === undefined) throw new Error('A stored password is not in the form $scrypt$…');
  const expected = Buffer.from(key, 'base64url');
  const cost = { ln: Number(ln), r: Number(r), p: Number(p) };
  return timingSafeEqual(await derive(password, Buffer.from(salt, 'base64url'), expected.length, cost), expected);
}

function derive(password: string, salt: Buffer, bytes: number, { ln, r, p }: typeof COST): Promise<Buffer> {
  const N = 2 ** ln;
  const options: ScryptOptions = { N, r, p, maxmem: 256 * N * r };
  // One form for what keyboards of different systems make of the same letters.
  const typed = password.normalize('NFKC');
  return new Promise((resolve, reject) =>
    scrypt(typed, salt, bytes, options, (error, key) => (error === null ? resolve(key) : reject(error))),
  );
}
