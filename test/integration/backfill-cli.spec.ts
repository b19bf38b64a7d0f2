import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { backfillCommand } from '../../src/cli/commands/backfill.js';
import { COMMAND_LINE } from '../../src/core/audit/actor.js';
import { BackfillDifferences } from '../../src/core/persistence/backfill/backfill-differences.js';
import { BackfillStore } from '../../src/core/persistence/backfill/backfill-store.js';
import { StreamReads } from '../../src/core/persistence/read/stream-reads.js';
import { StreamStore } from '../../src/core/persistence/streams/stream-store.js';
import { PluginRegistry } from '../../src/core/plugin-host/plugin-registry.js';
import { BrandLibrary } from '../../src/core/references/brand-library.js';
import { ApiApp } from '../support/api-app.js';
import { LedgerSeed } from '../support/ledger-seed.js';

const ANALYZER = 'vedette.test.look';
const START = new Date(Date.now() - 3_600_000);
const RANGE = ['--from', new Date(START.getTime() - 60_000).toISOString(), '--to', new Date(START.getTime() + 3_600_000).toISOString()];

describe('vedette backfill', () => {
  let api: ApiApp;
  let seed: LedgerSeed;
  let name: string;

  beforeAll(async () => {
    api = await ApiApp.start();
    seed = new LedgerSeed(api.sql);
    await seed.partitions(START);
  });
  afterEach(() => {
    vi.restoreAllMocks();
    process.exitCode = undefined;
  });
  afterAll(() => api.stop());
  beforeEach(async () => {
    await api.sql.query('DELETE FROM backfills');
    const streamId = await seed.stream();
    const epochId = await seed.epoch(streamId, { startedAt: START });
    for (let sequence = 0; sequence < 4; sequence++) await seed.segment(streamId, epochId, sequence, sequence === 3 ? 'deleted' : 'ready');
    name = (await api.sql.query<{ name: string }>('SELECT name FROM streams WHERE id = $1', [streamId])).rows[0]!.name;
  });

  /** @returns what it printed */
  async function backfill(...args: string[]): Promise<string> {
    const written: string[] = [];
    const parts = {
      store: api.app.get(BackfillStore),
      differences: api.app.get(BackfillDifferences),
      streams: api.app.get(StreamStore),
      reads: api.app.get(StreamReads),
      brands: api.app.get(BrandLibrary),
      registry: () => Promise.resolve(api.app.get(PluginRegistry)),
    };
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => written.push(String(text)) > 0);
    try {
      await backfillCommand((work) => work(parts))
        .exitOverride()
        .parseAsync(args, { from: 'user' });
    } finally {
      vi.restoreAllMocks();
    }
    return written.join('');
  }
  const idIn = (text: string): string => /[0-9a-f]{8}-[0-9a-f-]{27}/.exec(text)![0];

  it('says what there is to do, begins, tells how far it is, and takes back', async () => {
    const quote = await backfill('start', ANALYZER, name, ...RANGE, '--quote');
    expect(quote.split('\n').slice(0, 2)).toEqual([
      '3 segments to analyse, 0.1 min of media',
      '1 segments of the range are not on disk any more',
    ]);
    expect(await backfill('list')).toBe('None.\n');

    const id = idIn(await backfill('start', ANALYZER, name, ...RANGE, '--title', 'Yesterday'));
    expect(await backfill('show', id)).toBe(`${id}  Yesterday: queued (0 done, 3 to do)\n`);
    expect(await backfill('pause', id)).toContain('Yesterday: paused');
    expect(await backfill('resume', id)).toContain('Yesterday: analysing, 0 %');
    expect(JSON.parse(await backfill('list', '--json'))).toMatchObject([{ id, state: 'running' }]);
    expect(await backfill('cancel', id)).toContain('Yesterday: cancelled');
    expect([await backfill('list'), idIn(await backfill('list', '--all'))]).toEqual(['None.\n', id]);
    await backfill('delete', id);
    expect(await backfill('list', '--all')).toBe('None.\n');
    const { rows } = await api.sql.query<{ actor: string }>('SELECT DISTINCT actor FROM audit WHERE target = $1', [id]);
    expect(rows).toEqual([{ actor: 'command line' }]);
  });

  it('waits until one is over, and ends with 1 where that is no success', async () => {
    const id = idIn(await backfill('start', ANALYZER, name, ...RANGE));
    const waiting = backfill('show', id, '--wait');
    await api.sql.query(`UPDATE backfills SET state = 'failed', error_code = 'VD_X', detail = 'why' WHERE id = $1`, [id]);
    expect([await waiting, process.exitCode]).toEqual([expect.stringMatching(/: failed .*\. VD_X: why\n$/), 1]);
  });

  it('prints the difference, and as CSV', async () => {
    const id = idIn(await backfill('start', ANALYZER, name, ...RANGE));
    const difference = { detections: { cat: [1, 2, 3] }, metrics: { 'seen count': [2, 4, 1, 5] }, others: {}, examples: [], events: [] };
    await api.sql.query(`UPDATE backfill_runs SET state = 'done', difference = $2::jsonb WHERE backfill_id = $1`, [
      id,
      JSON.stringify(difference),
    ]);
    expect(await backfill('diff', id)).toBe(
      [
        '3 segments compared',
        '  cat: 3 in both, 6 no more, 9 new',
        '  events: 0 in both, 0 no more, 0 new',
        '  seen: 2.00 before, 5.00 now count\n',
      ].join('\n'),
    );
    expect(await backfill('diff', id, '--csv')).toBe('kind,name,matched,only_old,only_new\r\ndetection,cat,3,6,9\n');
  });

  it('looks for a brand in the past', async () => {
    await api.app.get(BrandLibrary).create(COMMAND_LINE, { name: 'Acme' });
    const id = idIn(await backfill('find-brand', 'acme', name, ...RANGE, '--applies'));
    expect(await backfill('show', id)).toContain('Acme in the past: queued');
  });

  it.each([
    [['start', ANALYZER, 'nobody', ...RANGE], 'VD_STREAM_NOT_FOUND'],
    [['start', 'no.such', 'NAME', ...RANGE], 'VD_BACKFILL_ANALYZER_UNKNOWN'],
    [['start', ANALYZER, 'NAME', '--from', 'yesterday', '--to', 'today'], 'VD_API_INVALID'],
    [['start', ANALYZER, 'NAME', ...RANGE, '--config', '{'], 'VD_API_INVALID'],
    [['start', ANALYZER, 'NAME', ...RANGE, '--config', '{"minScore": 5}'], 'VD_BACKFILL_CONFIG_INVALID'],
    [['find-brand', 'nobody', ...RANGE], 'VD_BRAND_NOT_FOUND'],
    [['show', 'x'], 'VD_API_INVALID'],
    [['show', '00000000-0000-4000-8000-000000000000'], 'VD_BACKFILL_UNKNOWN'],
  ])('refuses %j with %s', async (args, code) => {
    await expect(backfill(...args.map((arg) => (arg === 'NAME' ? name : arg)))).rejects.toMatchObject({ code });
  });
});
