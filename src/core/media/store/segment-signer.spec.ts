import { randomBytes, randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { MediaKey } from './media-key.js';
import { SegmentSigner } from './segment-signer.js';

const NOW_MS = 1_800_000_000_000;
const path = `${randomUUID()}/${randomUUID()}/000012.ts`;

class Secrets {
  key = randomBytes(32);
  reads = 0;
  async read(): Promise<Buffer> {
    this.reads += 1;
    return this.key;
  }
}

function signer(secrets = new Secrets(), nowMs = NOW_MS): SegmentSigner {
  return new SegmentSigner(new MediaKey(secrets), () => nowMs);
}
const refused = { code: 'VD_MEDIA_ADDRESS_INVALID' };

describe(SegmentSigner.name, () => {
  it('makes addresses that any process with the same key takes, for reading', async () => {
    const secrets = new Secrets();
    const address = await signer(secrets).sign(path, 60_000);
    expect(address).toMatch(new RegExp(`^/streaming/${path}\\?expires=1800000090&signature=[\\w-]{43}$`));
    for (const method of ['GET', 'HEAD']) expect(await signer(secrets).verify(method, address)).toBe(path);
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'get', ''])
      await expect(signer(secrets).verify(method, address)).rejects.toMatchObject(refused);
  });

  it('refuses an address that was changed anywhere', async () => {
    const mine = signer();
    const address = await mine.sign(path, 60_000);
    for (let at = 0; at < address.length; at += 1) {
      for (const other of ['0', 'a', 'Z', '_']) {
        if (address[at] === other) continue;
        await expect(mine.verify('GET', address.slice(0, at) + other + address.slice(at + 1))).rejects.toMatchObject(refused);
      }
    }
  });

  it.each([
    ['another segment', (address: string) => address.replace('000012', '000013')],
    ['a later expiry', (address: string) => address.replace('expires=1800000090', 'expires=1800009999')],
    ['no signature', (address: string) => address.replace(/&signature=.*/, '')],
    ['an empty signature', (address: string) => address.replace(/signature=.*/, 'signature=')],
    ['a signature with a tail', (address: string) => `${address}A`],
    ['a padded signature', (address: string) => `${address}=`],
    ['another parameter', (address: string) => `${address}&x=1`],
    ['a second signature', (address: string) => `${address}&signature=${'A'.repeat(43)}`],
    ['parameters in another order', (address: string) => address.replace(/\?(.*)&(.*)$/, '?$2&$1')],
    ['an encoded path', (address: string) => address.replace('/000012', '%2f000012')],
    ['a doubled slash', (address: string) => address.replace('/streaming/', '/streaming//')],
    ['a step up and down', (address: string) => address.replace('/000012', '/x/../000012')],
    ['capital letters', (address: string) => address.replace(path, path.toUpperCase())],
    ['a longer number', (address: string) => address.replace('000012', '0000012')],
    ['a whole URL', (address: string) => `http://host${address}`],
    ['a fragment', (address: string) => `${address}#x`],
    ['a line break', (address: string) => `${address}\n`],
    ['a NUL', (address: string) => address.replace('.ts', '.ts\0')],
    ['an expiry that is no number', (address: string) => address.replace('1800000090', '1e9       ')],
    ['a megabyte', (address: string) => address + 'A'.repeat(1024 ** 2)],
    ['nothing', () => ''],
  ])('refuses %s', async (_, change) => {
    const mine = signer();
    await expect(mine.verify('GET', change(await mine.sign(path, 60_000)))).rejects.toMatchObject(refused);
  });

  it('refuses the other spellings of the right signature', async () => {
    const mine = signer();
    const address = await mine.sign(path, 60_000);
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const spellings = [...alphabet]
      .map((last) => address.slice(0, -1) + last)
      .filter((one) => Buffer.from(one.slice(-43), 'base64url').equals(Buffer.from(address.slice(-43), 'base64url')));
    expect(spellings).toHaveLength(4);
    const taken = await Promise.all(
      spellings.map((one) =>
        mine.verify('GET', one).then(
          () => true,
          () => false,
        ),
      ),
    );
    expect(taken.filter(Boolean)).toHaveLength(1);
  });

  it('ends an address by the clock of whoever checks it, which may be half a minute off', async () => {
    const secrets = new Secrets();
    const address = await signer(secrets).sign(path, 60_000);
    expect(await signer(secrets, NOW_MS + 90_000).verify('GET', address)).toBe(path);
    await expect(signer(secrets, NOW_MS + 91_000).verify('GET', address)).rejects.toMatchObject({ code: 'VD_MEDIA_ADDRESS_EXPIRED' });
  });

  it('says when an address ends, and ends it then', async () => {
    const secrets = new Secrets();
    const address = await signer(secrets).sign(path, 60_000);
    const endsAtMs = 1_000 * Number(new URLSearchParams(address.split('?')[1]).get('expires'));
    expect(await signer(secrets, endsAtMs).verify('GET', address)).toBe(path);
    await expect(signer(secrets, endsAtMs + 1_000).verify('GET', address)).rejects.toMatchObject({ code: 'VD_MEDIA_ADDRESS_EXPIRED' });
  });

  it('signs nothing but segments', async () => {
    for (const other of [
      '',
      '../../etc/passwd',
      `${path}?x`,
      `/${path}`,
      path.replace('000012', '12'),
      path.replace('.ts', '.m3u8'),
      `${path}\n`,
      path.replace('/', '\\'),
    ]) {
      await expect(signer().sign(other, 60_000)).rejects.toMatchObject(refused);
    }
  });

  it('learns of a new key, and asks for one once in a while only', async () => {
    const secrets = new Secrets();
    const old = signer(secrets);
    await old.sign(path, 60_000);
    secrets.key = randomBytes(32);
    const address = await signer(secrets).sign(path, 60_000);
    expect(await old.verify('GET', address)).toBe(path);
    const before = secrets.reads;
    const forged = address.slice(0, -43) + 'A'.repeat(43);
    await Promise.all(Array.from({ length: 100 }, () => expect(old.verify('GET', forged)).rejects.toMatchObject(refused)));
    expect(secrets.reads).toBe(before);
  });

  it('asks again after the database was away', async () => {
    const secrets = new Secrets();
    let isAway = true;
    const mine = new SegmentSigner(
      new MediaKey({ read: () => (isAway ? Promise.reject(new Error('away')) : secrets.read()) }),
      () => NOW_MS,
    );
    await expect(mine.sign(path, 1)).rejects.toThrow('away');
    isAway = false;
    expect(await mine.sign(path, 1)).toContain(path);
  });
});
