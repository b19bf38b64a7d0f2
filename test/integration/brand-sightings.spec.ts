import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { brandSightingWire, type BrandSightingWire } from '../../src/core/wire/brands.wire.js';
import { pageOf } from '../../src/core/wire/wire.js';
import { ApiApp } from '../support/api-app.js';
import { LedgerSeed } from '../support/ledger-seed.js';
import { RestReader } from '../support/rest-reader.js';

describe('when brands were last seen', () => {
  let api: ApiApp;
  let seed: LedgerSeed;
  let cookie: string;
  let viewer: string;
  beforeAll(async () => {
    api = await ApiApp.start();
    seed = new LedgerSeed(api.sql);
    await seed.partitions();
    cookie = await api.signIn();
    viewer = (await api.apiToken('viewer')).token;
  });
  afterAll(() => api.stop());

  async function brand(name: string): Promise<string> {
    return ((await (await api.call('POST', '/api/brands', { cookie, body: { name } })).json()) as { id: string }).id;
  }
  /** An appearance of a brand on a stream of its own, so many minutes ago. */
  async function seen(subjectId: string, minutesAgo: number, options: { private?: boolean; isOver?: boolean } = {}): Promise<string> {
    const streamId = await seed.stream({ private: options.private ?? false });
    const epochId = await seed.epoch(streamId, { startedAt: new Date(Date.now() - minutesAgo * 60_000) });
    const runId = await seed.run(await seed.segment(streamId, epochId, 0), []);
    await api.sql.query('UPDATE events SET data = $2 WHERE last_run_id = $1', [runId, JSON.stringify({ subjectId })]);
    if (options.isOver === true) await seed.endEvents(runId);
    return streamId;
  }
  const last = async (bearer?: string): Promise<BrandSightingWire[]> => {
    if (bearer === undefined)
      return (await new RestReader(api, cookie).get('/api/brand-sightings', pageOf(brandSightingWire.strict()))).items;
    return ((await (await api.call('GET', '/api/brand-sightings', { bearer })).json()) as { items: BrandSightingWire[] }).items;
  };

  it('gives the newest of each brand, and nothing of one that never was', async () => {
    const [acme, bolt] = [await brand('Acme'), await brand('Bolt')];
    await brand('Never seen');
    await seen(acme, 50, { isOver: true });
    const lately = await seen(acme, 5, { isOver: true });
    const now = await seen(bolt, 1);
    await seen('not a brand of the library', 0);
    expect((await last()).map(({ brandId, streamId, endAt }) => [brandId, streamId, endAt === null])).toEqual([
      [bolt, now, true],
      [acme, lately, false],
    ]);
  });

  it('tells a viewer of what they may see', async () => {
    const hidden = await brand('Hidden');
    const open = await seen(hidden, 30);
    const secret = await seen(hidden, 2, { private: true });
    const of = async (bearer?: string) => (await last(bearer)).find(({ brandId }) => brandId === hidden)?.streamId;
    expect([await of(), await of(viewer)]).toEqual([secret, open]);
  });
});
