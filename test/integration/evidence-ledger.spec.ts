import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ClaimedSegment, type HeldLane, type LaneTurn, RunLedger } from '../../src/core/persistence/ledger/run-ledger.js';
import type { AnalysisResult } from '../../src/core/plugin-api/index.js';
import { eventOf, evidenceOf, jpegSaying } from '../support/evidence.js';
import { PipelineHarness, SEGMENT_US, type TestStream } from './support/pipeline-harness.js';

describe('evidence in the ledger', () => {
  let harness: PipelineHarness;
  let runs: RunLedger;
  beforeAll(async () => {
    harness = await PipelineHarness.start();
    runs = harness.get(RunLedger);
  });
  afterAll(() => harness.close());

  const claimed = async (turn: Promise<LaneTurn>): Promise<{ lane: HeldLane; work: ClaimedSegment }> => {
    const got = await turn;
    if (got.kind === 'again') return claimed(runs.advance(got.lane, 'me'));
    if (got.kind !== 'claimed') throw new Error(`Not claimed: ${got.kind}`);
    return got;
  };
  const enter = (stream: TestStream) => claimed(runs.enter({ streamId: stream.streamId, queue: 'default' }, 'me'));
  const settle = (work: ClaimedSegment, results: readonly AnalysisResult[], attempt = work.runs[0]!.attempt) => {
    const figures = { framesSeen: 1, framesExpected: 1, cpuMs: 1 };
    return runs.settle('me', work, [{ runId: work.runs[0]!.runId, attempt, state: 'done', ...figures, results, checkpoint: null }]);
  };
  const keptOf = ({ epochId }: TestStream): Promise<{ key: string; pts_us: string; rank: number; jpeg: Buffer }[]> =>
    harness.rows(
      `SELECT v.key, k.pts_us, k.rank, k.jpeg FROM evidence k JOIN events v ON v.id = k.event_id WHERE v.epoch_id = $1 ORDER BY v.key`,
      [epochId],
    );
  const opened = async (segments: number): Promise<TestStream> => {
    const stream = await harness.openStream();
    await harness.register(stream, 0, segments);
    return stream;
  };

  it('is there with its event, once, however often its run is delivered', async () => {
    const stream = await opened(1);
    const { work } = await enter(stream);
    const results = [eventOf('k', 'start', 100), evidenceOf('k', 200, 0.5)];
    expect((await settle(work, results)).size).toBe(1);
    const again = [eventOf('k', 'start', 100), evidenceOf('k', 300, 0.9)];
    expect(await settle(work, again)).toEqual(new Map());
    const [kept, ...others] = await keptOf(stream);
    expect(kept).toMatchObject({ key: 'k', pts_us: '200', rank: 0.5, jpeg: jpegSaying('k at 200') });
    expect(others).toEqual([]);
  });

  it('of an attempt that was fenced out leaves no trace', async () => {
    const stream = await opened(1);
    const first = await enter(stream);
    const second = await enter(stream);
    expect(second.work.runs[0]!.attempt).toBe(2);
    expect(await settle(first.work, [eventOf('k', 'start', 100), evidenceOf('k', 200, 1)])).toEqual(new Map());
    expect(await keptOf(stream)).toEqual([]);
    await settle(second.work, [eventOf('k', 'start', 100), evidenceOf('k', 200, 0.2)]);
    expect(await keptOf(stream)).toMatchObject([{ rank: expect.closeTo(0.2, 5) as number }]);
  });

  it('gives way to a better picture of a later segment, and to no worse one', async () => {
    const stream = await opened(4);
    let turn = await enter(stream);
    const seen: [string, number][] = [];
    for (const [sequence, [phase, rank]] of (
      [
        ['start', 0.5],
        ['update', 0.8],
        ['update', 0.8],
        ['end', 0.3],
      ] as const
    ).entries()) {
      const ptsUs = sequence * SEGMENT_US + 40_000;
      await settle(turn.work, [eventOf('k', phase, ptsUs), evidenceOf('k', ptsUs, rank)]);
      const [kept] = await keptOf(stream);
      seen.push([kept!.pts_us, Math.round(kept!.rank * 10) / 10]);
      if (sequence < 3) turn = await claimed(runs.advance(turn.lane, 'me'));
    }
    expect(seen).toEqual([
      ['40000', 0.5],
      ['2040000', 0.8],
      ['2040000', 0.8],
      ['2040000', 0.8],
    ]);
  });

  it('is kept of events of the same run only, each its own', async () => {
    const stream = await opened(1);
    const { work } = await enter(stream);
    await settle(work, [
      ...[eventOf('a', 'start', 100), eventOf('a', 'end', 300), eventOf('b', 'start', 200)],
      ...[evidenceOf('b', 200, 0.1), evidenceOf('a', 100, 0.7), evidenceOf('nobody', 100, 0.9)],
    ]);
    expect(await keptOf(stream)).toMatchObject([
      { key: 'a', jpeg: jpegSaying('a at 100') },
      { key: 'b', jpeg: jpegSaying('b at 200') },
    ]);
  });

  it('fails a run, with its code, whose picture is not what was agreed upon', async () => {
    const stream = await opened(1);
    const { work } = await enter(stream);
    const tooLarge = evidenceOf('k', 100, 0.5, jpegSaying('x'.repeat(20_000)));
    const settled = await settle(work, [eventOf('k', 'start', 100), tooLarge]);
    expect([...settled.values()]).toMatchObject([{ state: 'failed', code: 'VD_ANALYZER_BAD_RESULT' }]);
    expect(await keptOf(stream)).toEqual([]);
  });

  it('goes with its event', async () => {
    const stream = await opened(1);
    const { work } = await enter(stream);
    await settle(work, [eventOf('k', 'start', 100), evidenceOf('k', 200, 0.5)]);
    await harness.rows('DELETE FROM events WHERE epoch_id = $1', [stream.epochId]);
    expect(await harness.rows('SELECT 1 FROM evidence k WHERE k.run_id = $1', [work.runs[0]!.runId])).toEqual([]);
  });
});
