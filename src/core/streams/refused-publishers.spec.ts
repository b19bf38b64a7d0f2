import { describe, expect, it } from 'vitest';
import { SilentLogger } from '../../../test/support/fakes/silent-logger.js';
import type { PublishRefusals, RefusalGroup } from '../persistence/access/publish-refusals.js';
import type { RefusalRecord } from '../persistence/access/refusal-record.js';
import { keyHint, RefusedPublishers } from './refused-publishers.js';

function stage() {
  const written: (readonly RefusalGroup[])[] = [];
  const database: { fault: Error | null } = { fault: null };
  const rows = {
    add: async (groups: readonly RefusalGroup[]) => {
      if (database.fault !== null) throw database.fault;
      written.push(groups);
    },
  };
  const logger = new SilentLogger();
  const audit = { add: () => undefined } as unknown as RefusalRecord;
  return { written, database, logger, refused: new RefusedPublishers(rows as unknown as PublishRefusals, audit, logger) };
}
const code = 'VD_INGEST_KEY_UNKNOWN';
const sum = (groups: readonly RefusalGroup[] = []) => groups.reduce((total, { count }) => total + count, 0);

describe(RefusedPublishers.name, () => {
  it('adds up what cannot be written, overflow included, says so once, and writes each group once when it can', async () => {
    const { written, database, logger, refused } = stage();
    database.fault = new Error('no database');
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 150; i++) refused.add({ remote: `10.0.${round}.${i}`, code }, 1_000 + round);
      await refused.flush();
    }
    database.fault = null;
    await refused.flush();
    expect(sum(written[0])).toBe(450);
    const alike = written[0]!.map(({ address, code: of, streamId, app }) => JSON.stringify([address, of, streamId, app]));
    expect(new Set(alike).size).toBe(alike.length);
    expect(alike.length).toBeLessThanOrEqual(101);
    expect(written[0]!.find(({ address }) => address === null)).toMatchObject({ count: 350, firstAtMs: 1_000, lastAtMs: 1_002 });
    expect(logger.lines.filter(({ message }) => message.includes('cannot be written down'))).toHaveLength(1);
    await refused.beforeApplicationShutdown();
  });

  it('shows no application that may be a key in the wrong field', async () => {
    const { written, refused } = stage();
    for (const app of ['live', 'vd_abc', 'x'.repeat(25), 'live/vd_abc', undefined]) refused.add({ remote: '10.0.0.1', code, app });
    await refused.beforeApplicationShutdown();
    expect(written.flat().map(({ app, count }) => [app, count])).toEqual([
      ['live', 1],
      [null, 4],
    ]);
  });
});

describe(keyHint.name, () => {
  it.each([
    [`vd_${'a'.repeat(32)}`, 'vd_…, 35 characters'],
    ['vd_short', 'vd_…, 8 characters'],
    ['live_12345678_abcdefgh', 'li…, 22 characters'],
    ['fifteen-letters', '15 characters'],
    ['%%aaaaaaaaaaaaaaaa', '18 characters'],
    [undefined, null],
  ])('says of %s: %s', (key, hint) => {
    expect(keyHint(key)).toBe(hint);
  });
});
