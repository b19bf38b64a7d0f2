import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DataSource } from 'typeorm';
import { SegmentAddresses } from '../../src/core/media/store/segment-addresses.js';
import { MediaKey } from '../../src/core/media/store/media-key.js';
import { SegmentSigner } from '../../src/core/media/store/segment-signer.js';
import { ledgerDataSourceOptions } from '../../src/core/persistence/data-source.js';
import { MediaNodes } from '../../src/core/persistence/media/media-nodes.js';
import { SharedSecrets } from '../../src/core/persistence/media/shared-secrets.js';
import { Database } from '../../src/core/persistence/database.js';
import { createTestDatabase, type TestDatabase } from '../support/postgres.js';

describe('what machines know of each other through PostgreSQL', () => {
  let database: TestDatabase;
  const sources: DataSource[] = [];
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(async () => {
    for (const source of sources) await source.destroy();
    await database.drop();
  });

  async function machine(): Promise<Database> {
    const source = await new DataSource(ledgerDataSourceOptions({ databaseUrl: database.url, poolSize: 2 })).initialize();
    sources.push(source);
    return new Database(source);
  }
  const path = `${randomUUID()}/${randomUUID()}/000000.ts`;

  it('agrees on a key, however many ask for the first time at once', async () => {
    const machines = await Promise.all(Array.from({ length: 8 }, machine));
    const signers = machines.map((sql) => new SegmentSigner(new MediaKey(new SharedSecrets(sql))));
    const addresses = await Promise.all(signers.map((signer) => signer.sign(path, 60_000)));
    for (const signer of signers) for (const address of addresses) expect(await signer.verify('GET', address)).toBe(path);
    const rows = await machines[0]!.rows<{ name: string; size: number }>({
      name: 'look',
      text: 'SELECT name, length(value) AS size FROM secrets',
    });
    expect(rows).toEqual([{ name: 'media-addresses', size: 32 }]);
  });

  it('goes on with a key that was replaced', async () => {
    const [sql, other] = [await machine(), await machine()];
    const verifier = new SegmentSigner(new MediaKey(new SharedSecrets(sql)));
    await verifier.sign(path, 60_000);
    await sql.rows({ name: 'rotate', text: `UPDATE secrets SET value = decode(repeat('ab', 32), 'hex')` });
    const address = await new SegmentSigner(new MediaKey(new SharedSecrets(other))).sign(path, 60_000);
    expect(await verifier.verify('GET', address)).toBe(path);
  });

  it('finds where a node is reached, stopped or not, and says what to do where it is not', async () => {
    const sql = await machine();
    const nodes = new MediaNodes(sql);
    const key = new MediaKey(new SharedSecrets(sql));
    const addresses = (url: string | undefined, own: string | null, from = nodes) =>
      new SegmentAddresses({ url, ttlMs: 60_000, ownNode: async () => own }, from, new SegmentSigner(key), key);
    const [served, silent] = [randomUUID(), randomUUID()];
    await nodes.publish({ id: served, name: 'one', url: 'http://one:8090', host: 'one', freeBytes: 5e12, writeFault: null });
    await nodes.publish({ id: silent, name: 'two', url: null, host: 'two', freeBytes: null, writeFault: null });
    const sign = async (nodeId: string, from = addresses(undefined, null)): Promise<string> =>
      (await from.sign({ path, nodeId })).replace(/\?.*/, '');
    expect(await sign(served)).toBe(`http://one:8090/streaming/${path}`);
    expect(await nodes.living()).toEqual([
      { id: served, name: 'one', url: 'http://one:8090', host: 'one', freeBytes: 5e12, writeFault: null },
      { id: silent, name: 'two', url: null, host: 'two', freeBytes: null, writeFault: null },
    ]);
    await nodes.withdraw(served);
    expect((await nodes.living()).map(({ name }) => name)).toEqual(['two']);
    expect(await sign(served, addresses(undefined, null, new MediaNodes(sql)))).toBe(`http://one:8090/streaming/${path}`);
    await expect(sign(silent)).rejects.toMatchObject({
      code: 'VD_MEDIA_NO_URL',
      fix: expect.stringContaining('media.listen') as string,
      message: expect.stringContaining('two') as string,
    });
    await expect(sign(randomUUID())).rejects.toMatchObject({ code: 'VD_MEDIA_NO_URL' });
    // MEDIA_URL: for all nodes, but on an ingest node for its own.
    expect(await sign(served, addresses('https://media.example/v/', null))).toBe(`https://media.example/v/streaming/${path}`);
    expect(await sign(silent, addresses('https://mine.example', silent))).toBe(`https://mine.example/streaming/${path}`);
    expect(await sign(served, addresses('https://mine.example', silent))).toBe(`http://one:8090/streaming/${path}`);
  });
});
