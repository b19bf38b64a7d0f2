import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as brands from '../../src/core/wire/brands.wire.js';
import { pageOf, problemWire } from '../../src/core/wire/wire.js';
import { ReferenceLibrary } from '../../src/core/brands/reference-library.js';
import { MAX_IMAGE_BYTES } from '../../src/core/references/reader/reader-protocol.js';
import { ApiApp } from '../support/api-app.js';
import { logoPng, logoSvg } from '../support/references/logos.js';

const brandWire = brands.brandWire.strict();
const referenceWire = brands.referenceWire.strict();
const NOBODY = '00000000-0000-4000-8000-000000000000';

describe('brands over REST', () => {
  let api: ApiApp;
  let admin: string;
  let viewer: string;
  let library: ReferenceLibrary;
  beforeAll(async () => {
    api = await ApiApp.start();
    admin = (await api.apiToken('admin')).token;
    viewer = (await api.apiToken('viewer')).token;
    library = api.app.get(ReferenceLibrary);
  });
  afterAll(() => api.stop());

  const call = (method: string, path: string, body?: unknown, bearer = admin): Promise<Response> =>
    api.call(method, path, { bearer, body });
  async function create(name: string, more: Record<string, unknown> = {}): Promise<brands.BrandWire> {
    const response = await call('POST', '/api/brands', { name, ...more });
    const body: unknown = await response.json();
    expect([response.status, body]).toEqual([201, expect.objectContaining({ name })]);
    return brandWire.parse(body);
  }
  const send = (brandId: string, bytes: Buffer | string, query = '', type = 'image/png'): Promise<Response> =>
    fetch(`${api.url}/api/brands/${brandId}/references${query}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${admin}`, 'content-type': type },
      body: new Uint8Array(Buffer.from(bytes)),
    });
  async function added(response: Response): Promise<brands.ReferenceWire> {
    const body: unknown = await response.json();
    expect([response.status, JSON.stringify(body).slice(0, 300)]).toEqual([201, expect.any(String)]);
    return referenceWire.parse(body);
  }
  async function refusal(response: Response): Promise<[number, string]> {
    const problem = problemWire.strict().parse(await response.json());
    expect(problem.fix?.length).toBeGreaterThan(10);
    return [response.status, problem.code];
  }
  const pixelsOf = async (reference: brands.ReferenceWire) => {
    const response = await call('GET', reference.imageUrl);
    const { data, info } = await sharp(Buffer.from(await response.arrayBuffer()))
      .raw()
      .toBuffer({ resolveWithObject: true });
    return { response, data, info };
  };

  it('knows a name again however it is written, and refuses one of which nothing can be seen', async () => {
    const made = await create('Café Größe');
    for (const same of ['Café Größe'.normalize('NFD'), '  café\u00A0größe ', 'Ca\u200Bfé Größe\uFEFF']) {
      expect(await refusal(await call('POST', '/api/brands', { name: same }))).toEqual([409, 'VD_BRAND_NAME_TAKEN']);
    }
    expect(await refusal(await call('POST', '/api/brands', { name: '\u200B\u202E' }))).toEqual([400, 'VD_API_INVALID']);
    expect((await call('DELETE', `/api/brands/${made.id}`)).status).toBe(204);
  });

  it('makes, lists, changes, removes and brings back a brand', async () => {
    const made = await create('Acme', { colour: '#FF8800' });
    expect(made).toMatchObject({ colour: '#ff8800', enabled: true, references: [], deletedAt: null });
    expect(await refusal(await call('POST', '/api/brands', { name: 'ACME' }))).toEqual([409, 'VD_BRAND_NAME_TAKEN']);
    expect(
      brandWire.parse(await (await call('PATCH', `/api/brands/${made.id}`, { name: 'Acme Ltd', colour: null, enabled: false })).json()),
    ).toMatchObject({ name: 'Acme Ltd', colour: null, enabled: false });
    expect(brandWire.parse(await (await call('GET', `/api/brands/${made.id}`)).json())).toMatchObject({ name: 'Acme Ltd' });

    expect((await call('DELETE', `/api/brands/${made.id}`)).status).toBe(204);
    expect(await refusal(await call('GET', `/api/brands/${made.id}`))).toEqual([404, 'VD_BRAND_NOT_FOUND']);
    const removed = pageOf(brandWire).parse(await (await call('GET', '/api/brands?deleted=true')).json());
    expect(removed.items.find(({ id }) => id === made.id)?.deletedAt).not.toBeNull();

    const usurper = await create('acme ltd');
    expect(await refusal(await call('POST', `/api/brands/${made.id}/restore`))).toEqual([409, 'VD_BRAND_NAME_TAKEN']);
    expect((await call('DELETE', `/api/brands/${usurper.id}`)).status).toBe(204);
    expect(brandWire.parse(await (await call('POST', `/api/brands/${made.id}/restore`)).json())).toMatchObject({
      id: made.id,
      deletedAt: null,
    });
    const listed = pageOf(brandWire).parse(await (await call('GET', '/api/brands')).json());
    expect(listed.items.map(({ id }) => id)).toContain(made.id);
    expect(listed.items.map(({ id }) => id)).not.toContain(usurper.id);
  });

  it.each([
    ['POST', '/api/brands', {}],
    ['POST', '/api/brands', { name: '' }],
    ['POST', '/api/brands', { name: 'a\u0000b' }],
    ['POST', '/api/brands', { name: 'x', colour: 'red' }],
    ['POST', '/api/brands', { name: 'x', icon: '../../etc/passwd' }],
    ['POST', '/api/brands', { name: 'x', deletedAt: null }],
    ['GET', '/api/brands?deleted=maybe', undefined],
    ['GET', '/api/brands/1', undefined],
    ['GET', '/api/brand-icons', undefined],
  ])('refuses %s %s %j', async (method, path, body) => {
    expect(await refusal(await call(method, path, body))).toEqual([400, 'VD_API_INVALID']);
  });

  it('reads PNG, JPEG, WebP and SVG by content, whatever they are called, and gives back what analyzers see', async () => {
    const brand = await create('Formats');
    const drawn = sharp(await logoPng(1, { background: '#ffffff', sizePx: 900 }));
    const files = {
      'image/png': await drawn.png().toBuffer(),
      'image/jpeg': await drawn.clone().jpeg({ quality: 85 }).toBuffer(),
      'image/webp': await drawn.clone().webp({ lossless: true }).toBuffer(),
      'image/svg+xml': Buffer.from(logoSvg(1)),
    };
    for (const [mediaType, bytes] of Object.entries(files)) {
      const reference = await added(await send(brand.id, bytes, '?variant=main', 'application/octet-stream'));
      // The drawn part is the inner 80 of 100 units: what is around it is background or nothing, and is trimmed.
      expect(reference).toMatchObject({
        mediaType,
        source: 'upload',
        variant: 'main',
        widthPx: 512,
        heightPx: 512,
        hasAlpha: true,
        backgroundRemoved: mediaType !== 'image/svg+xml',
      });
      const { response, data, info } = await pixelsOf(reference);
      expect([response.headers.get('content-type'), info.channels, info.width, info.height]).toEqual(['image/png', 4, 512, 512]);
      expect(response.headers.get('content-security-policy')).toBe("default-src 'none'; sandbox");
      expect(response.headers.get('x-content-type-options')).toBe('nosniff');
      expect(response.headers.get('cache-control')).toContain('immutable');
      // The first cell of the diagonal is always drawn.
      expect(
        [...data.subarray((32 * 512 + 32) * 4, (32 * 512 + 32) * 4 + 4)].map(
          (value, i) => Math.abs(value - [0x10, 0x20, 0x30, 255][i]!) <= 6,
        ),
      ).toEqual([true, true, true, true]);
      const loaded = (await library.load('logo')).images.find(({ id }) => id === reference.id);
      expect(loaded).toMatchObject({ subjectId: brand.id, label: 'Formats', variant: 'main', widthPx: 512, heightPx: 512, hasAlpha: true });
      expect(Buffer.compare(Buffer.from(loaded!.rgba), data)).toBe(0);
      const again = await api.call('GET', reference.imageUrl, {
        bearer: viewer,
        headers: { 'if-none-match': response.headers.get('etag') ?? '' },
      });
      expect(again.status).toBe(304);
      expect((await call('DELETE', `/api/brands/${brand.id}/references/${reference.id}`)).status).toBe(204);
    }
  });

  it('keeps the background where it is told to, and one that is of several colours anyway', async () => {
    const brand = await create('Backgrounds');
    const plate = await added(await send(brand.id, await logoPng(2, { background: '#ffee00' }), '?variant=plate&keepBackground=true'));
    expect(plate).toMatchObject({ widthPx: 160, heightPx: 160, hasAlpha: false, backgroundRemoved: false });
    const noise = await sharp({
      create: { width: 160, height: 160, channels: 3, background: '#888', noise: { type: 'gaussian', mean: 128, sigma: 60 } },
    })
      .png()
      .toBuffer();
    expect(await added(await send(brand.id, noise))).toMatchObject({ widthPx: 160, hasAlpha: false, backgroundRemoved: false });
  });

  it('turns a picture the way its EXIF says', async () => {
    const brand = await create('Turned');
    const wide = await sharp(await logoPng(3, { background: '#ffffff' }))
      .resize(300, 150, { fit: 'fill' })
      .jpeg()
      .withMetadata({ orientation: 6 })
      .toBuffer();
    const { widthPx, heightPx } = await added(await send(brand.id, wide));
    expect(heightPx / widthPx).toBeGreaterThan(1.8);
  });

  it('says what is wrong with an image', async () => {
    const brand = await create('Refusals');
    const flat = (width: number, height: number): Promise<Buffer> =>
      sharp({ create: { width, height, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } } })
        .png()
        .toBuffer();
    const bar = (width: number, height: number): string =>
      '<svg xmlns="http://www.w3.org/2000/svg" width="1000" height="400"><rect x="10" ' +
      `y="10" width="${width}" height="${height}"/><rect x="20" y="12" width="20" height="2" fill="red"/></svg>`;
    const refused: [string, Buffer | string, string][] = [
      ['VD_BRAND_IMAGE_UNREADABLE', '', ''],
      ['VD_BRAND_IMAGE_UNREADABLE', 'GIF89a', ''],
      ['VD_BRAND_IMAGE_UNREADABLE', (await logoPng(4)).subarray(0, 300), ''],
      [
        'VD_BRAND_IMAGE_REFUSED',
        '<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg xmlns="http://www.w3.org/2000/svg"><text>&x;</text></svg>',
        '',
      ],
      [
        'VD_BRAND_IMAGE_REFUSED',
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:x="http://www.w3.org/1999/xlink"><image x:href="file:///etc/passwd"/></svg>',
        '',
      ],
      [
        'VD_BRAND_IMAGE_REFUSED',
        '<svg xmlns="http://www.w3.org/2000/svg"><style>rect { fill: url(http://example.com/x.svg#a) }</style></svg>',
        '',
      ],
      ['VD_BRAND_IMAGE_REFUSED', '<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>', ''],
      ['VD_BRAND_IMAGE_TOO_LARGE', Buffer.alloc(MAX_IMAGE_BYTES + 1, 1), ''],
      [
        'VD_BRAND_IMAGE_TOO_LARGE',
        await sharp({ create: { width: 8_000, height: 8_000, channels: 3, background: '#fff' } })
          .png({ compressionLevel: 9 })
          .toBuffer(),
        '',
      ],
      [
        'VD_BRAND_IMAGE_TOO_SMALL',
        await sharp(await logoPng(4))
          .resize(23, 23)
          .png()
          .toBuffer(),
        '?keepBackground=true',
      ],
      ['VD_BRAND_IMAGE_NO_CONTRAST', await flat(100, 100), ''],
      [
        'VD_BRAND_IMAGE_NO_CONTRAST',
        await sharp(await flat(100, 100))
          .flatten({ background: '#456' })
          .png()
          .toBuffer(),
        '',
      ],
      [
        'VD_BRAND_IMAGE_NO_CONTRAST',
        '<svg xmlns="http://www.w3.org/2000/svg" width="100" height="100"><rect x="10" y="10" width="50" height="50"/></svg>',
        '',
      ],
      ['VD_BRAND_IMAGE_ASPECT', bar(900, 60), ''],
    ];
    const codes: string[] = [];
    for (const [, bytes, query] of refused) codes.push((await refusal(await send(brand.id, bytes, query)))[1]);
    expect(codes).toEqual(refused.map(([code]) => code));
    expect(await refusal(await send(NOBODY, await logoPng(4)))).toEqual([404, 'VD_BRAND_NOT_FOUND']);
    expect(pageOf(referenceWire).parse(await (await call('GET', `/api/brands/${brand.id}/references`)).json()).items).toEqual([]);
  });

  it('knows an image again, its own and another brand’s, in other sizes, formats and colours', async () => {
    const [one, other] = [await create('Original'), await create('Copycat')];
    const first = await added(await send(one.id, await logoPng(5, { sizePx: 400 }), '?variant=dark'));
    const smaller = await sharp(await logoPng(5, { background: '#ffffff', sizePx: 130 }))
      .jpeg()
      .toBuffer();
    const white = await logoPng(5, { fill: '#ffffff' });
    expect(await refusal(await send(one.id, smaller))).toEqual([409, 'VD_BRAND_IMAGE_KNOWN']);
    expect(await refusal(await send(one.id, smaller, '?allowDuplicate=true'))).toEqual([409, 'VD_BRAND_IMAGE_KNOWN']);
    expect(await added(await send(one.id, white, '?variant=white'))).toMatchObject({ variant: 'white' });
    for (const bytes of [smaller, white]) {
      const response = await send(other.id, bytes);
      const problem = problemWire.parse(await response.json());
      expect([response.status, problem.code, problem.detail]).toEqual([
        409,
        'VD_BRAND_IMAGE_DUPLICATE',
        expect.stringContaining('"Original"'),
      ]);
    }
    const allowed = await added(await send(other.id, smaller, '?allowDuplicate=true'));
    await added(await send(other.id, await logoPng(6)));

    // Undo runs into the same checks: a look may have been taken meanwhile.
    expect((await call('DELETE', `/api/brands/${other.id}/references/${allowed.id}`)).status).toBe(204);
    expect(await refusal(await call('POST', `/api/brands/${other.id}/references/${allowed.id}/restore`))).toEqual([
      409,
      'VD_BRAND_IMAGE_DUPLICATE',
    ]);
    expect((await call('DELETE', `/api/brands/${one.id}`)).status).toBe(204);
    expect((await call('POST', `/api/brands/${other.id}/references/${allowed.id}/restore`)).status).toBe(200);
    expect(await refusal(await call('POST', `/api/brands/${one.id}/restore`))).toEqual([409, 'VD_BRAND_IMAGE_DUPLICATE']);
    const back = brandWire.parse(await (await call('POST', `/api/brands/${one.id}/restore?allowDuplicate=true`)).json());
    expect(back.references.map(({ id }) => id)).toContain(first.id);
  });

  it('changes, removes and brings back an image', async () => {
    const brand = await create('Images');
    const { id } = await added(await send(brand.id, await logoPng(7)));
    const path = `/api/brands/${brand.id}/references/${id}`;
    const inForce = async (): Promise<boolean> => (await library.load('logo')).images.some((image) => image.id === id);
    expect(await inForce()).toBe(true);
    expect(referenceWire.parse(await (await call('PATCH', path, { variant: 'round', enabled: false })).json())).toMatchObject({
      variant: 'round',
      enabled: false,
    });
    expect(await inForce()).toBe(false);
    await call('PATCH', path, { enabled: true });
    expect(await inForce()).toBe(true);
    expect((await call('DELETE', path)).status).toBe(204);
    expect(await refusal(await call('DELETE', path))).toEqual([404, 'VD_BRAND_IMAGE_NOT_FOUND']);
    expect(await refusal(await call('PATCH', path, { enabled: true }))).toEqual([404, 'VD_BRAND_IMAGE_NOT_FOUND']);
    expect(await refusal(await call('GET', `/api/brands/${brand.id}/references/${NOBODY}/image`))).toEqual([
      404,
      'VD_BRAND_IMAGE_NOT_FOUND',
    ]);
    expect(await inForce()).toBe(false);
    const removed = pageOf(referenceWire).parse(await (await call('GET', `/api/brands/${brand.id}/references?deleted=true`)).json());
    expect(removed.items.map((item) => item.id)).toEqual([id]);
    expect(referenceWire.parse(await (await call('POST', `${path}/restore`)).json())).toMatchObject({
      id,
      variant: 'round',
      deletedAt: null,
    });
    expect(await inForce()).toBe(true);
    await call('PATCH', `/api/brands/${brand.id}`, { enabled: false });
    expect(await inForce()).toBe(false);
  });

  it('finds icons, and begins a brand with one', async () => {
    const found = pageOf(brands.brandIconWire.strict()).parse(
      await (await call('GET', '/api/brand-icons?query=Node.JS', undefined, viewer)).json(),
    );
    expect(found.items[0]).toEqual({
      slug: 'nodedotjs',
      title: 'Node.js',
      colour: '#5fa04e',
      imageUrl: '/api/brand-icons/nodedotjs/image',
    });
    expect(pageOf(brands.brandIconWire).parse(await (await call('GET', '/api/brand-icons?query=a')).json()).items).toHaveLength(50);
    expect(pageOf(brands.brandIconWire).parse(await (await call('GET', '/api/brand-icons?query=%2E%2E')).json()).items).toEqual([]);
    const svg = await call('GET', '/api/brand-icons/nodedotjs/image');
    expect([svg.status, svg.headers.get('content-type'), svg.headers.get('content-security-policy')]).toEqual([
      200,
      'image/svg+xml',
      "default-src 'none'; sandbox",
    ]);
    expect((await sharp(Buffer.from(await svg.arrayBuffer())).metadata()).width).toBe(96);
    expect(await refusal(await call('GET', '/api/brand-icons/nodedotjz/image'))).toEqual([404, 'VD_BRAND_ICON_UNKNOWN']);

    const response = await call('POST', '/api/brands', { icon: 'nodedotjs' });
    const brand = brandWire.parse(await response.json());
    expect(brand).toMatchObject({
      name: 'Node.js',
      colour: '#5fa04e',
      references: [{ source: 'icon', iconSlug: 'nodedotjs', variant: 'icon', hasAlpha: true }],
    });
    expect(await refusal(await send(brand.id, '', '?icon=nodedotjs'))).toEqual([409, 'VD_BRAND_IMAGE_KNOWN']);
    expect(await added(await send(brand.id, '', '?icon=github&variant=second'))).toMatchObject({
      source: 'icon',
      iconSlug: 'github',
      variant: 'second',
    });
    expect(await refusal(await call('POST', '/api/brands', { name: 'Mine', icon: 'github' }))).toEqual([409, 'VD_BRAND_IMAGE_DUPLICATE']);
    const listed = pageOf(brandWire).parse(await (await call('GET', '/api/brands')).json());
    expect(listed.items.map(({ name }) => name)).not.toContain('Mine');
  });

  it('lets viewers read and admins write, and strangers nothing', async () => {
    const brand = await create('Guarded');
    const { id } = await added(await send(brand.id, await logoPng(8)));
    const reads = [
      '/api/brands',
      `/api/brands/${brand.id}`,
      `/api/brands/${brand.id}/references`,
      `/api/brands/${brand.id}/references/${id}/image`,
      '/api/brand-icons?query=x',
    ];
    for (const path of reads) {
      expect([path, (await call('GET', path, undefined, viewer)).status]).toEqual([path, 200]);
      expect([path, (await api.call('GET', path)).status]).toEqual([path, 401]);
    }
    const writes: [string, string][] = [
      ['POST', '/api/brands'],
      ['PATCH', `/api/brands/${brand.id}`],
      ['DELETE', `/api/brands/${brand.id}`],
      ['POST', `/api/brands/${brand.id}/restore`],
      ['POST', `/api/brands/${brand.id}/references`],
      ['POST', `/api/brands/${brand.id}/references/from-frame`],
      ['PATCH', `/api/brands/${brand.id}/references/${id}`],
      ['DELETE', `/api/brands/${brand.id}/references/${id}`],
      ['POST', `/api/brands/${brand.id}/references/${id}/restore`],
    ];
    for (const [method, path] of writes)
      expect([path, ...(await refusal(await call(method, path, {}, viewer)))]).toEqual([path, 403, 'VD_AUTH_FORBIDDEN']);
  });

  it('puts every change on record, and none that was refused', async () => {
    const brand = await create('Audited');
    const { id } = await added(await send(brand.id, await logoPng(9)));
    await call('PATCH', `/api/brands/${brand.id}`, { enabled: true });
    await call('PATCH', `/api/brands/${brand.id}/references/${id}`, { variant: 'v' });
    await call('DELETE', `/api/brands/${brand.id}/references/${id}`);
    await call('POST', `/api/brands/${brand.id}/references/${id}/restore`);
    await send(brand.id, await logoPng(9));
    await call('DELETE', `/api/brands/${brand.id}`);
    await call('POST', `/api/brands/${brand.id}/restore`);
    const { rows } = await api.sql.query<{ action: string; actor: string }>(
      'SELECT action, actor FROM audit WHERE target = $1 ORDER BY id',
      [brand.id],
    );
    expect(rows.map(({ action }) => action)).toEqual(
      ['create', 'reference.create', 'update', 'reference.update', 'reference.delete', 'reference.restore', 'delete', 'restore'].map(
        (action) => `brand.${action}`,
      ),
    );
    expect(new Set(rows.map(({ actor }) => actor))).toEqual(new Set(['admin (admin, api)']));
  });
});
