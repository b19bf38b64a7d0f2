import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createPool } from '../../src/core/persistence/pool.js';
import { BrandStore, type NewReference } from '../../src/core/persistence/references/brand-store.js';
import { LIBRARY_LIMITS } from '../../src/core/persistence/references/library-limits.js';
import { PgReferenceLibrary } from '../../src/core/persistence/references/pg-reference-library.js';
import { Database } from '../../src/core/persistence/database.js';
import { ledgerDataSourceOptions } from '../../src/core/persistence/data-source.js';
import { describeImage } from '../../src/core/brands/descriptor.js';
import { DataSource } from 'typeorm';
import sharp from 'sharp';
import { createTestDatabase, maintain, type TestDatabase } from '../support/postgres.js';
import { logoSvg } from '../support/references/logos.js';
import { until } from '../support/until.js';

/** What reading would have made of the logo; its bytes are its own, so that no two are one file. */
async function reference(seed: number, variant = 'default'): Promise<NewReference> {
  const image = sharp(Buffer.from(logoSvg(seed))).ensureAlpha();
  const { data, info } = await image.clone().raw().toBuffer({ resolveWithObject: true });
  const { descriptor } = describeImage({ widthPx: info.width, heightPx: info.height, rgba: data });
  const kept = {
    png: await image.png().toBuffer(),
    widthPx: info.width,
    heightPx: info.height,
    hasAlpha: true,
    backgroundRemoved: false,
    descriptor,
  };
  return {
    variant,
    source: 'upload',
    mediaType: 'image/svg+xml',
    original: Buffer.from(logoSvg(seed)),
    sha256: randomBytes(32),
    iconSlug: null,
    frame: null,
    ...kept,
  };
}

interface Listening {
  readonly library: PgReferenceLibrary;
  readonly asked: () => number;
  readonly fail: (error: Error | null) => void;
}

const fields = (name: string) => ({ name, colour: null, enabled: true });
const plain = { allowDuplicate: false };

describe(PgReferenceLibrary, () => {
  let database: TestDatabase;
  let source: DataSource;
  let store: BrandStore;
  const open: PgReferenceLibrary[] = [];
  beforeAll(async () => {
    database = await createTestDatabase();
    source = await new DataSource(ledgerDataSourceOptions({ databaseUrl: database.url, poolSize: 4 })).initialize();
    store = new BrandStore(new Database(source));
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((library) => library.close()));
  });
  afterAll(async () => {
    await source.destroy();
    await database.drop();
  });

  /** With a count of the questions it asks the database. */
  function library(): Listening {
    let asked = 0;
    let failure: Error | null = null;
    class CountedSql extends Database {
      override async rows<T>(...args: Parameters<Database['rows']>): Promise<T[]> {
        asked += 1;
        if (failure !== null) throw failure;
        return super.rows<T>(...args);
      }
    }
    const made = new PgReferenceLibrary(new CountedSql(source), database.url);
    open.push(made);
    return { library: made, asked: () => asked, fail: (error) => (failure = error) };
  }

  /** Until questions are answered from memory. */
  async function warm({ library: warming, asked }: Listening): Promise<number> {
    return until('answers from memory', async () => {
      await warming.revision('logo');
      const before = asked();
      const revision = await warming.revision('logo');
      return asked() === before ? { revision } : null;
    }).then(({ revision }) => revision);
  }

  it('begins at 0 with nothing, and has nothing of other kinds', async () => {
    const { library: fresh } = library();
    expect(await fresh.revision('face')).toBe(0);
    expect(await fresh.load('face')).toEqual({ kind: 'face', revision: 0, images: [] });
  });

  it('serves the revision from memory, and hears of every change that another process made', async () => {
    const listening = library();
    let revision = await warm(listening);
    const brand = await store.create(fields('First'), await reference(101), plain);
    const image = brand.references[0]!.id;
    const changes: (() => Promise<unknown>)[] = [
      async () => store.addReference(brand.id, await reference(102, 'second'), plain),
      () => store.update(brand.id, { name: 'First renamed' }),
      () => store.updateReference(brand.id, image, { enabled: false }),
      () => store.updateReference(brand.id, image, { enabled: true }),
      () => store.removeReference(brand.id, image),
      () => store.restoreReference(brand.id, image, plain),
      () => store.remove(brand.id),
      () => store.restore(brand.id, plain),
    ];
    revision = await until('the new brand', async () =>
      (await listening.library.revision('logo')) > revision ? listening.library.revision('logo') : null,
    );
    for (const change of changes) {
      await change();
      const next = await until('the change', async () =>
        (await listening.library.revision('logo')) > revision ? listening.library.revision('logo') : null,
      );
      expect(next).toBe(revision + 1);
      revision = next;
    }
    const set = await listening.library.load('logo');
    expect(set.revision).toBe(revision);
    expect(set.images.map(({ label, variant }) => [label, variant])).toEqual([
      ['First renamed', 'default'],
      ['First renamed', 'second'],
    ]);
  });

  it('leaves the revision alone when a change is refused', async () => {
    const { library: asking } = library();
    const before = await asking.revision('logo');
    await expect(store.create(fields('first RENAMED'), null, plain)).rejects.toMatchObject({ code: 'VD_BRAND_NAME_TAKEN' });
    await expect(store.create(fields('Look-alike'), await reference(102), plain)).rejects.toMatchObject({
      code: 'VD_BRAND_IMAGE_DUPLICATE',
    });
    await expect(store.remove(randomUUID())).rejects.toMatchObject({ code: 'VD_BRAND_NOT_FOUND' });
    expect((await asking.load('logo')).revision).toBe(before);
    expect((await store.list()).map(({ name }) => name)).not.toContain('Look-alike');
  });

  it('lets only one of two racing look-alikes in', async () => {
    const image = await reference(103);
    const [one, two] = [await store.create(fields('Racer 1'), null, plain), await store.create(fields('Racer 2'), null, plain)];
    const ends = await Promise.allSettled([
      store.addReference(one.id, image, plain),
      store.addReference(two.id, { ...image, sha256: randomBytes(32) }, plain),
    ]);
    expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(ends.find((end) => end.status === 'rejected')).toMatchObject({ reason: { code: 'VD_BRAND_IMAGE_DUPLICATE' } });
  });

  it('asks again once its ear was cut off, and gives what it knew while nobody answers', async () => {
    const listening = library();
    const revision = await warm(listening);
    await maintain(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'vedette listen vedette_references'
        AND datname = '${database.name}'`,
    );
    const asked = listening.asked();
    await until('a question to the database', async () => {
      await listening.library.revision('logo');
      return listening.asked() > asked;
    });
    await store.create(fields('After the loss'), null, plain);
    await until('the change', async () => (await listening.library.revision('logo')) > revision);

    const lost = Object.assign(new Error('Connection terminated'), { code: 'ECONNRESET' });
    const stranded = library();
    stranded.fail(lost);
    await expect(stranded.library.revision('logo')).rejects.toMatchObject({ code: 'VD_REFERENCES_UNAVAILABLE', retryable: true });
    await expect(stranded.library.load('logo')).rejects.toMatchObject({ code: 'VD_REFERENCES_UNAVAILABLE', retryable: true });
    stranded.fail(null);
    const known = await stranded.library.revision('logo');
    stranded.fail(lost);
    expect(await stranded.library.revision('logo')).toBe(known);
  });

  it('keeps no more pixels than analysis hosts can hold', async () => {
    const brand = await store.create(fields('Large'), null, plain);
    const large = async (seed: number): Promise<NewReference> => ({ ...(await reference(seed)), widthPx: 8_192, heightPx: 4_100 });
    await store.addReference(brand.id, await large(801), { allowDuplicate: true });
    await expect(store.addReference(brand.id, await large(802), { allowDuplicate: true })).rejects.toMatchObject({
      code: 'VD_BRAND_LIMIT',
      message: expect.stringContaining('megapixels') as string,
    });
    await store.remove(brand.id);
    const other = await store.create(fields('Large, too'), await large(803), { allowDuplicate: true });
    await expect(store.restore(brand.id, { allowDuplicate: true })).rejects.toMatchObject({ code: 'VD_BRAND_LIMIT' });
    await store.remove(other.id);
    expect(await store.restore(brand.id, { allowDuplicate: true })).toMatchObject({ name: 'Large' });
    await store.remove(brand.id);
  });

  it('keeps no more than it says', async () => {
    const sql = createPool({ databaseUrl: database.url, size: 1, name: 'test', statementTimeoutMs: 30_000 });
    try {
      const brand = await store.create(fields('Many images'), null, plain);
      for (let i = 0; i < LIBRARY_LIMITS.imagesPerBrand; i++) await store.addReference(brand.id, await reference(200 + i, `v${i}`), plain);
      await expect(store.addReference(brand.id, await reference(300), plain)).rejects.toMatchObject({ code: 'VD_BRAND_LIMIT' });
      const { rows } = await sql.query<{ count: number }>('SELECT count(*)::int AS count FROM brands WHERE deleted_at IS NULL');
      await sql.query(`INSERT INTO brands (id, name) SELECT gen_random_uuid(), 'filler ' || n FROM generate_series(1, $1) n`, [
        LIBRARY_LIMITS.brands - rows[0]!.count,
      ]);
      await expect(store.create(fields('One too many'), null, plain)).rejects.toMatchObject({ code: 'VD_BRAND_LIMIT' });
      await sql.query(
        `INSERT INTO reference_images (id, brand_id, variant, source, media_type, original, png, width_px, height_px, has_alpha,
          background_removed, sha256, descriptor)
         SELECT gen_random_uuid(), b.id, 'copy ' || n, 'upload', i.media_type, i.original, i.png, i.width_px, i.height_px, true, false,
           i.sha256, i.descriptor
         FROM generate_series(1, 2) n, (SELECT * FROM brands WHERE name LIKE 'filler %' LIMIT 250) b, (SELECT * FROM reference_images
           LIMIT 1) i`,
      );
      const [racer] = (await store.list()).filter(({ name }) => name === 'Racer 2');
      await expect(store.addReference(racer!.id, await reference(301), plain)).rejects.toMatchObject({ code: 'VD_BRAND_LIMIT' });
    } finally {
      await sql.end();
    }
  });

  it('lets others run while it unpacks many images', async () => {
    const { png } = await reference(7);
    const row = { revision: '1', id: randomUUID(), brand_id: randomUUID(), name: 'n', variant: 'v', has_alpha: true, png };
    // Rows that are there at once: no turn of the event loop is spent on waiting for them.
    const busy = new PgReferenceLibrary({ rows: async () => Array.from({ length: 12 }, () => row) } as unknown as Database, database.url);
    let turns = 0;
    const timer = setInterval(() => undefined, 1_000);
    const count = (): void => void (turns++, timer.hasRef() && setImmediate(count));
    setImmediate(count);
    const { images } = await busy.load('logo');
    timer.unref();
    clearInterval(timer);
    expect([images.length, turns >= 10]).toEqual([12, true]);
  });
});
