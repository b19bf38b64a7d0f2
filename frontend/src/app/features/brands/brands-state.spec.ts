import { beforeEach, describe, expect, it } from 'vitest';
import { ApiClient } from '../../api/api-client';
import type { BrandWire } from '../../api/models';
import { BrandsState } from './brands-state';
import { Notices } from '../../core/notices';

const aBrand = (over: Partial<BrandWire> = {}): BrandWire => ({
  id: 'b1',
  name: 'Acme',
  colour: '#112233',
  enabled: true,
  createdAt: '2026-11-24T10:00:00.000Z',
  updatedAt: '2026-11-24T10:00:00.000Z',
  deletedAt: null,
  references: [],
  ...over,
});
const refusal = (code: string, status = 422): [number, unknown] => [
  status,
  { type: 'about:blank', title: 'No', detail: 'Not that', code, status },
];

describe(BrandsState.name, () => {
  let asked: { method: string; path: string; body: unknown }[];
  let answers: Record<string, [number, unknown][]>;
  let notices: Notices;
  let state: BrandsState;

  beforeEach(() => {
    asked = [];
    answers = {};
    notices = new Notices(() => undefined);
    const api = new ApiClient('http://vedette.test', async (request) => {
      const { method } = request;
      const path = request.url.slice('http://vedette.test'.length);
      asked.push({ method, path, body: await request.text() });
      const [status, body] = answers[`${method} ${path}`]?.shift() ?? refusal('UNEXPECTED', 500);
      return status === 204 ? new Response(null, { status }) : Response.json(body, { status });
    });
    state = new BrandsState(api, notices, { removed: (name) => `${name} is gone`, imageRemoved: (name) => `An image of ${name} is gone` });
  });

  async function loaded(...brands: BrandWire[]): Promise<void> {
    answers['GET /api/brands'] = [[200, { items: brands, next: null }]];
    await state.load();
  }

  it('lists brands by name, and says why when it cannot', async () => {
    await loaded(aBrand({ id: 'b2', name: 'Zeta' }), aBrand());
    expect(state.list().map(({ name }) => name)).toEqual(['Acme', 'Zeta']);
    answers['GET /api/brands'] = [refusal('VD_API_UNAVAILABLE', 503)];
    await state.load();
    expect(state.problem()?.code).toBe('VD_API_UNAVAILABLE');
    expect(state.list()).toHaveLength(2);
  });

  it('knows when they were last seen, and goes without where nobody says', async () => {
    answers['GET /api/brand-sightings'] = [
      [200, { items: [{ brandId: 'b1', streamName: 'arena' }], next: null }],
      refusal('VD_API_QUERY_TIMEOUT', 503),
    ];
    await state.loadSightings();
    await state.loadSightings();
    expect(state.sightings().get('b1')?.streamName).toBe('arena');
    expect(notices.list()).toEqual([]);
  });

  it('sends images as they are, named for their file, and keeps those that are refused with the reason', async () => {
    await loaded(aBrand());
    const good = new File(['png'], 'acme white.png', { type: 'image/png' });
    const bad = new File(['gif'], 'old.gif', { type: 'image/gif' });
    answers['POST /api/brands/b1/references?variant=acme%20white'] = [[201, {}]];
    answers['GET /api/brands/b1'] = [[200, aBrand({ name: 'Acme, seen' })]];
    answers['POST /api/brands/b1/references?variant=old'] = [refusal('VD_BRAND_IMAGE_UNREADABLE')];
    await state.addImages('b1', [good, bad]);
    expect(asked.find(({ path }) => path.includes('acme%20white'))?.body).toBe('png');
    expect(state.list()[0]!.name).toBe('Acme, seen');
    expect(state.refused()).toMatchObject([
      { brandId: 'b1', image: bad, mayInsist: false, problem: { code: 'VD_BRAND_IMAGE_UNREADABLE' } },
    ]);
    expect(state.sending().get('b1')).toBe(0);
    state.dismiss(state.refused()[0]!);
    expect(state.refused()).toEqual([]);
  });

  it('lets the user insist on an image that looks like another brand', async () => {
    await loaded(aBrand());
    const twin = new File(['png'], 'twin.png', { type: 'image/png' });
    answers['POST /api/brands/b1/references?variant=twin'] = [refusal('VD_BRAND_IMAGE_DUPLICATE', 409)];
    await state.addImages('b1', [twin]);
    expect(state.refused()).toMatchObject([{ mayInsist: true }]);
    answers['POST /api/brands/b1/references?variant=twin&allowDuplicate=true'] = [[201, {}]];
    answers['GET /api/brands/b1'] = [[200, aBrand()]];
    await state.addImages('b1', [twin], true);
    expect(state.refused()).toEqual([]);
  });

  it('sends nothing that is too large to be taken', async () => {
    await loaded(aBrand());
    asked.length = 0;
    await state.addImages('b1', [new File([new Uint8Array(5_000_001)], 'poster.png')]);
    expect(asked).toEqual([]);
    expect(state.refused()).toMatchObject([{ problem: { code: 'VD_BRAND_IMAGE_TOO_LARGE' } }]);
  });

  it('removes a brand and brings it back', async () => {
    await loaded(aBrand());
    answers['DELETE /api/brands/b1'] = [[204, null]];
    await state.remove(aBrand());
    expect(state.list()).toEqual([]);
    answers['POST /api/brands/b1/restore'] = [[200, aBrand()]];
    notices.list()[0]!.action!.run();
    await expect.poll(() => state.list().length).toBe(1);
    expect(notices.list()).toEqual([]);
  });

  it('leaves everything as it is when the server refuses', async () => {
    await loaded(aBrand());
    answers['DELETE /api/brands/b1'] = [refusal('VD_AUTH_FORBIDDEN', 403)];
    await state.remove(aBrand());
    expect(state.list()).toHaveLength(1);
    expect(notices.list()).toMatchObject([{ tone: 'problem', code: 'VD_AUTH_FORBIDDEN' }]);
    await expect(state.create({ icon: 'acme' })).rejects.toMatchObject({ problem: { code: 'UNEXPECTED' } });
  });
});
