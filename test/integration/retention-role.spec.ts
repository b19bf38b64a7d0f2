import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { vedetteConfigSchema } from '../../src/core/config/schema.js';
import { createLogger } from '../../src/core/observability/logger.js';
import { LEDGER_KEEPER, mediaKeeper } from '../../src/core/persistence/retention/keepers.js';
import type { RunningRole } from '../../src/core/runtime/role-process.js';
import { startRole } from '../../src/main.js';
import { reservePort } from '../support/reserve-port.js';
import { until } from '../support/until.js';
import { RetentionHarness } from './support/retention-harness.js';

const DAY_MS = 86_400_000;

describe('the ingest role', () => {
  let house: RetentionHarness;
  let dataDir: string;
  let role: RunningRole | undefined;
  beforeAll(async () => {
    house = await RetentionHarness.start();
    dataDir = await mkdtemp(join(tmpdir(), 'vedette-role-'));
  });
  afterAll(async () => {
    await role?.close();
    await house.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  it('keeps house: old media goes, files are compared with the ledger, and who looks hears of it; others follow when it ends', async () => {
    const old = await house.epoch(await house.stream(), Date.now() - 2 * DAY_MS);
    await house.record(old, 3);
    await house.end(old);
    const fresh = await house.epoch(old.streamId, Date.now() - 10_000);
    const [lost] = await house.record(fresh, 3);
    await house.end(fresh);
    await rm(join(house.mediaDir, lost!));
    const config = vedetteConfigSchema.parse({
      ...{ dataDir, mediaDir: house.mediaDir, database: { url: house.database.url } },
      retention: { interval: '1s', media: { maxAge: '1d' }, disk: { floor: '1B', reserve: '1B' } },
      plugins: [{ use: 'vedette/rtmp', sources: { rtmp: { port: await reservePort() } } }],
    });
    const logger = createLogger({ role: 'ingest', level: 'error', format: 'json' });
    role = await startRole('ingest', { config: { config, file: null, baseDir: dataDir }, logger });
    await until(
      'the old media to go',
      async () => (await house.query(`SELECT 1 FROM segments WHERE state = 'deleted' AND NOT file_left`)).length === 3,
    );
    await until('the lost file to be noticed', async () => (await house.query(`SELECT 1 FROM segments WHERE state = 'lost'`)).length === 1);
    await until('the folder of the epoch to go', async () => (await house.query('SELECT 1 FROM epochs WHERE media_gone')).length === 1);
    const report = async (id: string) => (await house.keepers.reports()).find((one) => one.id === id)?.report;
    expect(await until('a report', () => report(mediaKeeper(house.nodeId)))).toMatchObject({ level: 'ok', isForeign: false });
    expect(await until('a report', () => report(LEDGER_KEEPER))).toMatchObject({
      databaseBytes: expect.any(Number) as number,
      overBytes: 0,
    });
    expect((await house.query('SELECT 1 FROM disk_samples')).length).toBe(2);
    expect(await house.keepers.claim(LEDGER_KEEPER, 'another', 1_000)).toBe(false);
    await role.close();
    role = undefined;
    expect(await house.keepers.claim(LEDGER_KEEPER, 'another', 1_000)).toBe(true);
    expect(await house.keepers.place(mediaKeeper(house.nodeId))).toMatchObject({ presence: { lastLost: 1 } });
  });
});
