import { describe, expect, it } from 'vitest';
import { hashPassword, isPassword } from './password-hash.js';
import { requireStrong } from './password-strength.js';

describe(hashPassword.name, () => {
  it('stores parameters and a salt of its own with each password', async () => {
    const [one, two] = [await hashPassword('correct horse'), await hashPassword('correct horse')];
    expect(one).toMatch(/^\$scrypt\$ln=15,r=8,p=3\$[\w-]{22}\$[\w-]{43}$/);
    expect(one).not.toBe(two);
    expect([await isPassword('correct horse', one), await isPassword('correct horses', one)]).toEqual([true, false]);
  });

  it('compares by the parameters that a hash was made with, and takes one letter however it was typed', async () => {
    // scrypt('Caf\u00e9', 16 zero bytes, N=1024, r=8, p=1), 32 bytes.
    const { scryptSync } = await import('node:crypto');
    const key = scryptSync('Caf\u00e9', Buffer.alloc(16), 32, { N: 1024, r: 8, p: 1 }).toString('base64url');
    const older = `$scrypt$ln=10,r=8,p=1$${Buffer.alloc(16).toString('base64url')}$${key}`;
    expect(await isPassword('Cafe\u0301', older)).toBe(true);
  });

  it('says so when what is stored is no such hash', async () => {
    await expect(isPassword('x', 'md5:0123')).rejects.toThrow('not in the form $scrypt$');
  });
});

describe(requireStrong.name, () => {
  it.each([
    ['short one', 'Ada'],
    ['aaaaaaaaaaaaaaaa', 'Ada'],
    ['abababababab', 'Ada'],
    ['AdaLovelace1', 'ada lovelace1'.replace(' ', '')],
    ['Ada Ada Ada Ada', 'Ada'],
  ])('refuses "%s" of %s', (password, name) => {
    expect(() => requireStrong(password, name)).toThrow(expect.objectContaining({ code: 'VD_USER_PASSWORD_WEAK' }));
  });

  it.each(['correct horse', 'трудно угадать', 'пароль🔑🔒🗝️abc'])('takes "%s"', (password) => {
    expect(() => requireStrong(password, 'Ada')).not.toThrow();
  });
});
