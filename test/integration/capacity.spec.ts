import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { capacityCommand } from '../../src/cli/commands/capacity.js';
import { capacityWire, type CapacityWire } from '../../src/core/wire/capacity.wire.js';
import { Capacity } from '../../src/core/api/resources/capacity-questions.js';
import { PluginRegistry, type RegisteredStrategy } from '../../src/core/plugin-host/plugin-registry.js';
import { ApiApp } from '../support/api-app.js';
import { LedgerSeed } from '../support/ledger-seed.js';

const HASH = '0123456789abcdef';

interface SeededRun {
  readonly cpuMs?: number | null;
  readonly decodeMs?: number | null;
  readonly wallMs?: number;
  readonly state?: string;
  readonly reason?: string;
  readonly strategy?: string | null;
  readonly cost?: number;
  readonly hash?: string;
  readonly analyzerId?: string;
  readonly agoS?: number;
  readonly lagS?: number;
}

describe('capacity', () => {
  let api: ApiApp;
  let seed: LedgerSeed;
  let cookie: string;
  beforeAll(async () => {
    api = await ApiApp.start();
    seed = new LedgerSeed(api.sql);
    cookie = await api.signIn();
    const local = {
      pluginId: 'strategy-local',
      definition: {
        id: 'local',
        version: '1.0.0',
        title: 'Here',
        config: z.object({}),
        create: () => Promise.reject(new Error('The API makes none')),
      },
      config: {},
    };
    Object.assign(api.app.get(PluginRegistry), { strategies: [local] satisfies RegisteredStrategy[] });
  });
  beforeEach(() => api.sql.query('TRUNCATE streams, epochs, segments, analysis_runs, instances, feed CASCADE'));
  afterEach(() => vi.restoreAllMocks());
  afterAll(() => api.stop());

  /** Segments of two seconds, one run each, the newest now. */
  async function live(name: string, runs: readonly SeededRun[], options: { private?: boolean; widthPx?: number } = {}): Promise<string> {
    const streamId = await seed.stream({ name, ...(options.private === undefined ? {} : { private: options.private }) });
    const epochId = await seed.epoch(streamId, { startedAt: new Date(Date.now() - 600_000) });
    if (options.widthPx !== undefined) await api.sql.query('UPDATE epochs SET width_px = $2 WHERE id = $1', [epochId, options.widthPx]);
    for (const [sequence, run] of runs.entries()) await addRun(await seed.segment(streamId, epochId, sequence), run);
    return streamId;
  }
  async function addRun(
    segmentId: string,
    {
      cpuMs = 400,
      decodeMs = 200,
      wallMs = 800,
      state = 'done',
      reason,
      strategy = 'local',
      cost,
      hash = HASH,
      analyzerId = 'vedette.test.look',
      agoS = 10,
      lagS = 1,
    }: SeededRun,
  ): Promise<void> {
    await api.sql.query(
      `INSERT INTO analysis_runs (segment_id, stream_id, epoch_id, epoch_ordinal, sequence, queue, analyzer_id, analyzer_version,
        config_hash, state, reason, attempt, strategy, executed_by,
         frames_seen, frames_expected, wall_ms, cpu_ms, decode_cpu_ms, cost, created_at, finished_at)
       SELECT id, stream_id, epoch_id, 0, sequence, 'default', $2, '1.0.0', $3, $4, $5, 1, $6, 'host 1', 10, 10, $7, $8, $9, $10,
         now() - ($11::float8 + $12::float8) * interval '1 second', CASE WHEN $4 IN ('queued', 'running') THEN NULL
           ELSE now() - $11::float8 * interval '1 second' END
       FROM segments WHERE id = $1`,
      [
        segmentId,
        analyzerId,
        hash,
        state,
        reason ?? null,
        strategy,
        wallMs,
        state === 'skipped' ? null : cpuMs,
        decodeMs,
        cost ?? null,
        agoS,
        lagS,
      ],
    );
  }
  async function worker(detail: object, host = 'alpha', beatAgoS = 0): Promise<void> {
    await api.sql.query(
      `INSERT INTO instances (id, role, host, pid, version, detail, heartbeat_at)
        VALUES (gen_random_uuid()::text, 'worker', $1, 1, '1', $2, now() - $3::float8 * interval '1 second')`,
      [host, JSON.stringify(detail), beatAgoS],
    );
  }
  async function ask(query = '', headers: { cookie?: string; bearer?: string } = { cookie }): Promise<CapacityWire> {
    const response = await api.call('GET', `/api/capacity${query}`, headers);
    const body: unknown = await response.json();
    expect([query, response.status, JSON.stringify(body).slice(0, 300)]).toEqual([query, 200, expect.any(String)]);
    return capacityWire.strict().parse(body);
  }
  const times = (count: number, run: SeededRun = {}): SeededRun[] => Array.from({ length: count }, () => run);

  it('measures what analysis costs and what there is to do it', async () => {
    await live('hall', times(20));
    await live('yard', times(20, { cpuMs: 800, decodeMs: 0 }));
    await worker({ queues: 'all', hosts: 2, cores: 4 });
    const answer = await ask();
    // (400 + 200) / 2,000 and 800 / 2,000 cores; busy 600 of 800 ms and 800 of 800: 28 of 32 s, above the 80 % that count.
    expect(
      answer.demands.map(({ streamName, cores, decodeCores, samples, confidence, source }) => [
        streamName,
        cores,
        decodeCores,
        samples,
        confidence,
        source,
      ]),
    ).toEqual([
      ['hall', expect.closeTo(0.3, 5), expect.closeTo(0.1, 5), 20, 'medium', 'measured'],
      ['yard', expect.closeTo(0.4, 5), 0, 20, 'medium', 'measured'],
    ]);
    expect(answer).toMatchObject({
      verdict: 'fits',
      liveStreams: 2,
      busyShare: expect.closeTo(0.875, 5) as number,
      usableShare: 0.8,
      shareIsMeasured: true,
      supplyCores: expect.closeTo(1.6, 9) as number,
      utilisation: expect.closeTo(0.7 / 1.6, 5) as number,
      evidenceAgrees: true,
      spareStreams: 1,
    });
    expect(answer.pools).toEqual([
      {
        name: expect.any(String) as string,
        machine: 'alpha',
        strategy: 'worker',
        queues: null,
        hosts: 2,
        cores: 4,
        supplyCores: expect.closeTo(1.6, 9) as number,
      },
    ]);
    expect(answer.queues[0]).toMatchObject({
      queue: 'default',
      observed: { laterLagMs: expect.closeTo(1000, -1) as number, finishedRuns: 40, overloadSkips: 0 },
    });
    expect(answer.queues[0]!.expectedLagMs).toBeGreaterThan(800);
    expect(answer.changes.find(({ kind }) => kind === 'raise-hosts')).toMatchObject({ config: ['analysis:', '  hosts: 4  # on alpha'] });
    // A viewer may ask as well.
    expect((await ask('', { bearer: (await api.apiToken('viewer')).token })).verdict).toBe('fits');
  });

  it('is not led astray by the first run, failed ones, other configurations or what is long past', async () => {
    await live('hall', [
      { cpuMs: 60_000 },
      ...times(18),
      { cpuMs: 0, decodeMs: 0 },
      ...times(5, { state: 'failed', cpuMs: 9_000 }),
      ...times(5, { hash: 'ffffffffffffffff', cpuMs: 9_000 }),
      ...times(5, { agoS: 1_000, cpuMs: 9_000 }),
      ...times(5, { state: 'skipped', reason: 'overload', strategy: null }),
    ]);
    await worker({ hosts: 2, cores: 2 });
    const answer = await ask();
    expect(answer.demands[0]).toMatchObject({
      samples: 20,
      cores: expect.closeTo(0.3, 5) as number,
      source: 'measured',
      confidence: 'low',
    });
    expect([answer.verdict, answer.evidenceAgrees, answer.reasons.map(({ code }) => code)]).toEqual([
      'tight',
      false,
      ['overload-happened', 'room'],
    ]);
    expect(answer.queues[0]!.observed).toMatchObject({ overloadSkips: 5, failedRuns: 5 });
    expect((await ask('?window=1h')).demands[0]!.samples).toBe(25);
  });

  it('tells a closed gate from an open one, and old rows without decode from new ones', async () => {
    await live('hall', [
      ...times(10, { decodeMs: null }),
      ...times(30, { state: 'skipped', reason: 'no-motion', decodeMs: 8 }),
      ...times(5, { state: 'skipped', reason: 'missing', strategy: null }),
    ]);
    await worker({ hosts: 2, cores: 2 });
    const { demands, analyzers, shareIsMeasured, verdict, reasons } = await ask();
    expect([verdict, reasons.map(({ code }) => code)]).toEqual(['unknown', ['decode-unknown', 'room']]);
    // 10 at 400 ms and 30 at 8 ms of 2 s each.
    expect(demands[0]).toMatchObject({
      samples: 40,
      cores: expect.closeTo((10 * 0.2 + 30 * 0.004) / 40, 6) as number,
      gatesOpenCores: expect.closeTo(0.2, 6) as number,
    });
    expect([analyzers[0]!.gateClosedShare, shareIsMeasured]).toEqual([0.75, false]);
  });

  it('takes other streams where one is new, says what money a day comes to, and hides private names from viewers', async () => {
    await live('hall', times(20, { cost: 0.002 }), { widthPx: 1280 });
    await live('vault', [], { private: true, widthPx: 2560 });
    await worker({ hosts: 2, cores: 2 });
    const admin = await ask();
    expect(admin.demands.find(({ streamName }) => streamName === 'vault')).toMatchObject({
      cores: expect.closeTo(0.2 + 0.2, 5) as number,
      source: 'other-streams',
      confidence: 'low',
    });
    expect(admin.analyzers[0]!.moneyPerDay).toBeCloseTo(2 * 0.001 * 86_400, 3);
    const told = JSON.stringify(await ask('', { bearer: (await api.apiToken('viewer')).token }));
    expect(told).not.toContain('vault');
    expect(told).toContain('(private)');
  });

  it('says unknown where nothing was measured, and reads whatever workers say of themselves', async () => {
    await live('hall', []);
    await worker({
      queues: 'all',
      hosts: 2,
      cores: 2,
      strategies: {
        'remote-lan': {
          hosts: [
            { name: 'gpu', state: 'up', capacity: 4, running: 0, waiting: 0 },
            { name: 'down', state: 'down', capacity: 9 },
            'nonsense',
            { name: 7 },
          ],
        },
        odd: 3,
      },
    });
    await worker({ queues: ['default'], hosts: '7', strategies: 'none' }, 'beta');
    await worker({ hosts: 64, cores: 64 }, 'dead', 60);
    const answer = await ask();
    expect([answer.verdict, answer.reasons.map(({ code }) => code)]).toEqual(['unknown', ['worker-silent', 'cost-unknown', 'room']]);
    expect(answer.pools.map(({ machine, strategy, hosts }) => [machine, strategy, hosts])).toEqual([
      ['alpha', 'worker', 2],
      ['gpu', 'remote-lan', 4],
    ]);
    await api.sql.query('TRUNCATE streams, instances CASCADE');
    expect(await ask()).toMatchObject({ verdict: 'fits', liveStreams: 0, utilisation: 0, spareStreams: null, pools: [], cheapest: null });
  });

  it('answers what if, and with the change that makes it fit', async () => {
    await live('hall', times(20));
    await worker({ hosts: 2, cores: 2 });
    expect(await ask('?streams=2')).toMatchObject({ verdict: 'fits', countedStreams: 3, evidenceAgrees: null });
    const over = await ask('?streams=6');
    expect(over).toMatchObject({
      verdict: 'does-not-fit',
      question: { moreStreams: 6 },
      cheapest: { fits: true, steps: [{ kind: 'add-hosts' }] },
    });
    expect((await ask('?streams=6&hosts=2')).verdict).toBe('fits');
    await live('old', times(5, { analyzerId: 'acme.gone', hash: 'eeeeeeeeeeeeeeee', cpuMs: 1_000 }));
    const switchedOn = await ask('?analyzer=acme.gone');
    expect(switchedOn.demands.filter(({ analyzerId }) => analyzerId === 'acme.gone').map(({ source }) => source)).toEqual([
      'other-streams',
      'measured',
    ]);
  });

  it.each([
    '?window=5',
    '?window=1d',
    '?window=0s',
    '?window=15m&window=1h',
    '?streams=-1',
    '?streams=1e9',
    '?streams=99999',
    '?hosts=1.5',
    "?analyzer='%3B%20DROP%20TABLE%20streams",
    '?analyzer=__proto__',
    '?all=1',
    '?other=1',
    '?streams[]=1',
  ])('refuses %s', async (query) => {
    const response = await api.call('GET', `/api/capacity${query}`, { cookie });
    expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([400, 'VD_API_INVALID']);
  });

  it('refuses an analyzer that nobody knows, and whoever is not signed in', async () => {
    const response = await api.call('GET', '/api/capacity?analyzer=no.such', { cookie });
    expect([response.status, await response.json()]).toEqual([
      400,
      expect.objectContaining({ code: 'VD_CAPACITY_ANALYZER_UNKNOWN', detail: expect.stringContaining('vedette.test.look') as string }),
    ]);
    expect((await api.call('GET', '/api/capacity')).status).toBe(401);
  });

  describe('vedette capacity', () => {
    async function capacity(...args: string[]): Promise<string> {
      const written: string[] = [];
      vi.spyOn(process.stdout, 'write').mockImplementation((text) => written.push(String(text)) > 0);
      try {
        await capacityCommand((work) => work(api.app.get(Capacity)))
          .exitOverride()
          .parseAsync(args, { from: 'user' });
      } finally {
        vi.restoreAllMocks();
      }
      return written.join('');
    }

    it('prints a table, or the same JSON as REST', async () => {
      await live('hall', times(20, { wallMs: 820 }));
      await worker({ hosts: 2, cores: 2 });
      const text = await capacity();
      expect(text).toMatch(/^It fits, with room for 2 more streams like the average one\. Lag and skipped segments bear this out\.\n/);
      expect(text).toMatch(/^vedette\.test\.look +1 +18\.00 +18\.00 +100 % +- +0\.00 +20 +medium$/m);
      expect(capacityWire.strict().parse(JSON.parse(await capacity('--json', '--window', '30m')))).toMatchObject({
        question: { windowMs: 1_800_000 },
        verdict: 'fits',
      });
      const over = await capacity('--streams', '9');
      expect(over).toMatch(/^It does not fit\.\n/);
      expect(over).toContain('Cheapest change that makes it fit\n  1. A worker on another machine with ');
    });

    it('says which option is wrong', async () => {
      await expect(capacity('--window', 'soon')).rejects.toMatchObject({
        code: 'VD_API_INVALID',
        message: expect.stringContaining('--window: a duration') as string,
      });
      await expect(capacity('--streams', 'many')).rejects.toMatchObject({
        code: 'VD_API_INVALID',
        message: expect.stringContaining('--streams: ') as string,
      });
      await expect(capacity('--analyzer', 'no.such')).rejects.toMatchObject({ code: 'VD_CAPACITY_ANALYZER_UNKNOWN' });
    });
  });
});
