import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { brandCommand } from '../../src/cli/commands/brand.js';
import { BrandLibrary } from '../../src/core/references/brand-library.js';
import { ApiApp } from '../support/api-app.js';
import { logoPng, logoSvg } from '../support/references/logos.js';

describe('vedette brand', () => {
  let api: ApiApp;
  let folder: string;
  beforeAll(async () => {
    api = await ApiApp.start();
    folder = await mkdtemp(join(tmpdir(), 'vedette-brands-'));
  });
  afterEach(() => vi.restoreAllMocks());
  afterAll(async () => {
    await api.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** @returns what it printed */
  async function brand(...args: string[]): Promise<string> {
    const written: string[] = [];
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => written.push(String(text)) > 0);
    try {
      await brandCommand((work) => work(api.app.get(BrandLibrary)))
        .exitOverride()
        .parseAsync(args, { from: 'user' });
    } finally {
      vi.restoreAllMocks();
    }
    return written.join('');
  }
  async function file(name: string, bytes: Buffer | string): Promise<string> {
    await writeFile(join(folder, name), bytes);
    return join(folder, name);
  }

  it('adds a brand from an icon and from files, lists, removes and brings it back', async () => {
    expect(await brand('add', 'Node.js', '--icon', 'nodedotjs')).toMatch(/^Node\.js +on +icon \d+x\d+\n$/);
    const [one, two] = [await file('one.svg', logoSvg(501)), await file('two.png', await logoPng(502, { background: '#ffffff' }))];
    const said = await brand('add', 'Acme', '--image', one, two, '--variant', 'mark');
    expect(said).toContain(`${one}: 512x512 pixels\n`);
    expect(said).toMatch(/two\.png: \d+x\d+ pixels, background removed\n/);
    expect(said).toMatch(/Acme +on +mark 512x512, mark \d+x\d+\n$/);
    expect(await brand('add', 'acme', '--image', await file('three.svg', logoSvg(503)))).toMatch(/mark .*, mark .*, default 512x512\n$/);
    expect((await brand('list')).split('\n').map((line) => line.split(' ')[0])).toEqual(['Acme', 'Node.js', '']);

    expect(await brand('remove', 'ACME')).toContain('vedette brand restore "Acme"');
    expect(await brand('list')).not.toContain('Acme');
    expect(await brand('list', '--removed')).toMatch(/^Acme /);
    expect(await brand('restore', 'acme')).toMatch(/^Acme +on +mark 512x512, mark/);
    const { rows } = await api.sql.query<{ action: string }>(`SELECT action FROM audit WHERE actor = 'command line' ORDER BY id`);
    expect(rows.map(({ action }) => action)).toEqual([
      'brand.create',
      'brand.create',
      ...Array(3).fill('brand.reference.create'),
      'brand.delete',
      'brand.restore',
    ]);
  });

  it('says what is wrong, and with which file', async () => {
    const blank = await file('blank.svg', '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="90"/>');
    await expect(brand('add', 'Blank', '--image', blank)).rejects.toMatchObject({
      code: 'VD_BRAND_IMAGE_NO_CONTRAST',
      message: expect.stringContaining('blank.svg: ') as string,
    });
    await expect(brand('add', 'None', '--image', join(folder, 'none.png'))).rejects.toMatchObject({
      code: 'VD_BRAND_IMAGE_UNREADABLE',
      message: expect.stringContaining('none.png') as string,
    });
    await expect(brand('add', 'Huge', '--image', await file('huge.png', Buffer.alloc(5_300_000)))).rejects.toMatchObject({
      code: 'VD_BRAND_IMAGE_TOO_LARGE',
    });
    expect(await brand('list')).not.toMatch(/None|Huge/);
    await expect(brand('add', 'X', '--icon', 'no-such')).rejects.toMatchObject({ code: 'VD_API_INVALID' });
    await expect(brand('add', 'X', '--icon', 'nosuchicon')).rejects.toMatchObject({ code: 'VD_BRAND_ICON_UNKNOWN' });
    await expect(brand('add', 'X', '--colour', 'red')).rejects.toMatchObject({ code: 'VD_API_INVALID' });
    await expect(brand('add', 'node.JS')).rejects.toMatchObject({ code: 'VD_BRAND_NAME_TAKEN' });
    await expect(brand('remove', 'nobody')).rejects.toMatchObject({ code: 'VD_BRAND_NOT_FOUND' });
    await expect(brand('restore', 'Node.js')).rejects.toMatchObject({ code: 'VD_BRAND_NOT_FOUND' });
  });
});
