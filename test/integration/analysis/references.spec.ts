import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ReferenceSets } from '../../../src/core/analysis/host/reference-sets.js';
import type { ForkedHostPool } from '../../../src/core/analysis/pool/analysis-host-pool.js';
import type { AnalysisJob, JsonObject, ReferenceImage } from '../../../src/core/plugin-api/index.js';
import { never, resultOf, SegmentBench } from '../../support/analysis/bench-of-segments.js';
import { FakeReferenceLibrary } from '../../support/fakes/fake-reference-library.js';
import { FakePluginRegistry } from '../../support/fakes/fake-plugin-registry.js';
import { referenceReader } from '../../support/analysis/reference-plugin.js';
import { jobFor, type SegmentedStream } from '../../support/analysis/segments.js';

const [reader, picky, needy] = FakePluginRegistry.of([{ plugin: referenceReader }]).analyzers;

const image = (label: string, fill: number): ReferenceImage => ({
  ...{ id: label, subjectId: label, label, variant: 'test', widthPx: 200, heightPx: 100, hasAlpha: true },
  rgba: new Uint8Array(200 * 100 * 4).fill(fill),
});

describe('reference images', () => {
  let bench: SegmentBench;
  let stream: SegmentedStream;
  let library: FakeReferenceLibrary;
  let pool: ForkedHostPool;

  beforeAll(async () => {
    bench = await SegmentBench.create();
    stream = await bench.stream('clip.ts', { frames: 150, fps: 25, widthPx: 64, heightPx: 36, gop: 50 });
  });
  afterEach(() => pool.close());
  afterAll(() => bench.close());

  const started = (hosts = 1): ForkedHostPool => {
    library = new FakeReferenceLibrary();
    return bench.pool({ hosts, references: library });
  };
  const job = (sequence: number, revision: number | undefined, ...analyzers: Parameters<typeof jobFor>[2]): AnalysisJob => {
    const made = jobFor(stream, sequence, analyzers);
    return {
      ...made,
      tasks: made.tasks.map((task) => ({ ...task, ...(revision === undefined ? {} : { references: { kind: 'logo', revision } }) })),
    };
  };
  const told = async (sequence: number, revision: number | undefined): Promise<JsonObject> => {
    const [result] = resultOf(await pool.execute(job(sequence, revision, reader!), never), 0).results;
    return (result as { data: JsonObject }).data;
  };

  it('reach the analyzer before its first segment, as bytes, and again when they changed, between segments', async () => {
    pool = started();
    library.change(image('acme', 7), image('other', 9));
    const acme = { label: 'acme', isBytes: true, first: 7, bytes: 80_000 };
    expect(await told(0, 1)).toEqual({ calls: 1, revision: 1, images: [acme, { ...acme, label: 'other', first: 9 }] });
    expect(await told(1, 1)).toMatchObject({ calls: 1 });
    library.change(image('acme', 8));
    expect(await told(2, 2)).toEqual({ calls: 2, revision: 2, images: [{ ...acme, first: 8 }] });
    // A job that was made before the change comes late: what is newer stays.
    expect(await told(0, 1)).toMatchObject({ calls: 2, revision: 2 });
    expect(library.loads).toBe(2);
  });

  it('are fetched once per host, whoever wants them', async () => {
    pool = started();
    library.change(image('acme', 7));
    const outcome = await pool.execute(job(0, 1, reader!, picky!), never);
    expect(outcome.tasks.map(({ status }) => status)).toEqual(['done', 'done']);
    expect(library.loads).toBe(1);
  });

  it('are none where there is none, or no library, and nobody is asked', async () => {
    pool = started();
    expect(await told(0, 0)).toEqual({ calls: 1, revision: 0, images: [] });
    expect(await told(1, undefined)).toMatchObject({ calls: 1 });
    expect(library.loads).toBe(0);
    await pool.close();
    pool = bench.pool();
    expect(await told(0, 3)).toMatchObject({ calls: 1, images: [] });
  });

  it('that an analyzer cannot do without spare it the segment while there are none', async () => {
    pool = started();
    const ending = async (sequence: number, revision: number) => (await pool.execute(job(sequence, revision, needy!), never)).tasks[0];
    expect(await ending(0, 0)).toMatchObject({ status: 'skipped', reason: expect.stringMatching(/^no-references: /) });
    library.change(image('acme', 7));
    expect(await ending(1, 1)).toMatchObject({ status: 'done' });
    library.change();
    expect(await ending(2, 2)).toMatchObject({ status: 'skipped' });
  });

  it('that an analyzer cannot use fail its runs and no other, until there are better ones', async () => {
    pool = started();
    library.change(image('poison', 1));
    for (const sequence of [0, 1]) {
      const outcome = await pool.execute(job(sequence, 1, picky!, reader!), never);
      expect(outcome.tasks[0]).toMatchObject({
        status: 'failed',
        code: 'VD_ANALYSIS_ANALYZER_FAILED',
        message: expect.stringContaining('it cannot be drawn'),
      });
      expect(outcome.tasks[1]).toMatchObject({ status: 'done' });
    }
    library.change(image('acme', 1));
    expect((await pool.execute(job(2, 2, picky!), never)).tasks[0]).toMatchObject({ status: 'done' });
  });

  it('that cannot be loaded fail the run, to be tried again', async () => {
    pool = started();
    library.change(image('acme', 7));
    library.fault = new Error('the database is away');
    const failed = (await pool.execute(job(0, 1, reader!), never)).tasks[0];
    expect(failed).toMatchObject({
      status: 'failed',
      code: 'VD_ANALYSIS_REFERENCES_UNAVAILABLE',
      retryable: true,
      message: expect.stringContaining('the database is away'),
    });
    library.fault = undefined;
    expect(await told(0, 1)).toMatchObject({ calls: 1, revision: 1 });
    const ahead = (await pool.execute(job(1, 5, reader!), never)).tasks[0];
    expect(ahead).toMatchObject({
      status: 'failed',
      code: 'VD_ANALYSIS_REFERENCES_UNAVAILABLE',
      message: expect.stringContaining('revision 5 is wanted, the worker has 1'),
    });
  });

  it('are waited for no longer than the deadline', async () => {
    pool = started();
    const asked: unknown[] = [];
    const sets = new ReferenceSets((wanted) => asked.push(wanted), 20);
    await expect(sets.atLeast({ kind: 'logo', revision: 1 })).rejects.toMatchObject({
      code: 'VD_ANALYSIS_REFERENCES_UNAVAILABLE',
      retryable: true,
    });
    const second = sets.atLeast({ kind: 'logo', revision: 1 });
    sets.received({ kind: 'logo', revision: 1, images: [] });
    await expect(second).resolves.toMatchObject({ revision: 1 });
    expect(asked).toEqual([
      { kind: 'logo', revision: 1 },
      { kind: 'logo', revision: 1 },
    ]);
  });
});
