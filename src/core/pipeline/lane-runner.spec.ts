import { describe, expect, it, vi } from 'vitest';
import { SilentLogger } from '../../../test/support/fakes/silent-logger.js';
import type { ClaimedSegment, LaneTurn, RunLedger, Settlement } from '../persistence/ledger/run-ledger.js';
import type { QueueBell } from '../queue/queue-bell.js';
import { LaneLeases } from './lane-leases.js';
import { LaneRunner } from './lane-runner.js';
import { Quarantine } from './quarantine.js';
import type { SegmentProcessor } from './segment-processor.js';

const me = { instanceId: '00000000-0000-4000-8000-00000000000a' } as const;
const lane = { streamId: 's', queue: 'default', fence: '1' };
const claimed = (sequence: number): LaneTurn => ({
  kind: 'claimed',
  lane,
  work: {
    segmentId: String(sequence),
    stream: { streamName: 'yard' },
    segment: { epochId: 'e', sequence },
    runs: [{ runId: `r${sequence}`, attempt: 1, analyzerId: 'a' }],
  } as unknown as ClaimedSegment,
});
const released = (dueInMs: number | null = null): LaneTurn => ({ kind: 'released', dueInMs });
const doneOf = (work: ClaimedSegment): Settlement => ({
  runId: work.runs[0]?.runId ?? '',
  attempt: 1,
  state: 'done',
  framesSeen: 1,
  framesExpected: 1,
  cpuMs: 1,
  results: [],
});
const all = (settlements: readonly Settlement[]): Map<string, Settlement> => new Map(settlements.map((one) => [one.runId, one]));
const logger = new SilentLogger();

function runnerOf(
  turns: LaneTurn[],
  more: {
    settle?: RunLedger['settle'];
    process?: (work: ClaimedSegment) => Promise<Settlement>;
    nowMs?: () => number;
    roomFor?: (queue: string) => number;
  } = {},
) {
  const next = (): Promise<LaneTurn> => Promise.resolve(turns.shift() ?? released());
  const ledger = {
    enter: vi.fn(next),
    advance: vi.fn(next),
    leave: vi.fn<RunLedger['leave']>(async () => undefined),
    settle: vi.fn(more.settle ?? (async (_, __, settlements) => all(settlements))),
  };
  const discard = vi.fn();
  const processor = {
    process: vi.fn(async (work: ClaimedSegment) => ({
      settlements: [await (more.process?.(work) ?? doneOf(work))],
      executed: [{ job: { tasks: work.runs }, place: { id: 'fake', strategy: { discard } } }],
    })),
  };
  const ringLanes = vi.fn<QueueBell['ringLanes']>(async () => undefined);
  const runner = new LaneRunner(
    ledger as unknown as RunLedger,
    me,
    processor as unknown as SegmentProcessor,
    new Quarantine(),
    new LaneLeases(ledger as unknown as RunLedger, me, { leaseMs: 10_000 }, { warn: () => undefined }),
    { ringLanes } as unknown as QueueBell,
    { consider: () => undefined },
    { keep: () => undefined },
    { concurrencyOf: more.roomFor ?? (() => 1) },
    more.nowMs ?? (() => 0),
    logger,
  );
  return { runner, ledger, processor, discard, ringLanes };
}

const left = (attempt: number, ...runs: readonly [id: string, wasLeft: boolean][]): LaneTurn => {
  const turn = claimed(0) as Extract<LaneTurn, { kind: 'claimed' }>;
  return { ...turn, work: { ...turn.work, runs: runs.map(([runId, wasLeft]) => ({ runId, attempt, wasLeft })) as never } };
};

describe(LaneRunner.name, () => {
  it.each([
    [2, ['fresh other', 'one', 'two', 'three']],
    [3, ['fresh other', 'three', 'two', 'one']],
  ])('makes runs whose worker died one by one, on attempt %i in another order than on the one before', async (attempt, order) => {
    const turn = left(attempt, ['one', true], ['fresh', false], ['two', true], ['other', false], ['three', true]);
    const { runner, processor, ledger } = runnerOf([turn, released()]);
    await runner.visit(lane);
    expect(processor.process.mock.calls.map(([{ runs }]) => runs.map(({ runId }) => runId).join(' '))).toEqual(order);
    expect(ledger.settle).toHaveBeenCalledTimes(4);
  });

  it('begins such a run when nothing else is under way in the process', async () => {
    logger.lines.length = 0;
    const gate = Promise.withResolvers<void>();
    const begun: string[] = [];
    const { runner } = runnerOf([claimed(7), left(2, ['suspect', true]), released(), released()], {
      process: async (work) => {
        begun.push(work.runs[0]!.runId);
        if (work.runs[0]!.runId === 'r7') await gate.promise;
        return doneOf(work);
      },
    });
    const visits = [runner.visit(lane), runner.visit({ ...lane, streamId: 'other' })];
    await vi.waitFor(() =>
      expect(logger.said('info').map(({ message }) => message)).toContainEqual(expect.stringContaining('analysed alone')),
    );
    expect(begun).toEqual(['r7']);
    gate.resolve();
    await Promise.all(visits);
    expect(begun).toEqual(['r7', 'suspect']);
  });

  it('goes on until the lane has nothing more', async () => {
    const { runner, processor, ledger } = runnerOf([claimed(0), { kind: 'again', lane }, claimed(1), released()]);
    expect(await runner.visit(lane)).toEqual([]);
    expect(processor.process).toHaveBeenCalledTimes(2);
    expect(ledger.leave).not.toHaveBeenCalled();
  });

  it('leaves a lane that another worker holds to that worker', async () => {
    const { runner, processor } = runnerOf([{ kind: 'held' }]);
    await runner.visit(lane);
    expect(processor.process).not.toHaveBeenCalled();
  });

  it.each([
    ['gives other streams their turn after a second and rings for what is left, when it has room for no more', 1, 3],
    ['goes on while it has room for others', 2, 6],
  ])('%s', async (_, room, worked) => {
    let nowMs = 0;
    const { runner, processor, ledger, ringLanes } = runnerOf(
      [0, 1, 2, 3, 4, 5].map((sequence) => claimed(sequence)),
      {
        process: async (work) => ((nowMs += 400), doneOf(work)),
        nowMs: () => nowMs,
        roomFor: (queue) => (queue === lane.queue ? room : 0),
      },
    );
    await runner.visit(lane);
    expect(processor.process).toHaveBeenCalledTimes(worked);
    expect(ledger.leave.mock.calls).toEqual(worked === 6 ? [] : [[lane, me.instanceId, true]]);
    expect(ringLanes.mock.calls).toEqual(worked === 6 ? [] : [[[lane], 'f1']]);
  });

  it('rings for the lane again at the time its next run is due', async () => {
    const { runner, ringLanes } = runnerOf([claimed(0), released(750)]);
    await runner.visit(lane);
    expect(ringLanes).toHaveBeenCalledWith([lane], 'f1', 750);
  });

  it('looks again when another job of the lane came by meanwhile, which itself is done at once', async () => {
    const gate = Promise.withResolvers<void>();
    const { runner, ledger } = runnerOf([claimed(0), released(), claimed(1), released()], {
      process: async (work) => (await gate.promise, doneOf(work)),
    });
    const first = runner.visit(lane);
    expect(await runner.visit(lane)).toEqual([]);
    gate.resolve();
    await first;
    expect(ledger.enter).toHaveBeenCalledTimes(2);
  });

  it("says that results were dropped and drops a strategy's state of runs that were fenced out, and lets a lost lane be", async () => {
    const { runner, discard, ledger } = runnerOf([claimed(0), { kind: 'lost' }, claimed(1)], { settle: async () => new Map() });
    logger.lines.length = 0;
    await runner.visit(lane);
    expect(logger.said('info')).toMatchObject([
      {
        message: expect.stringContaining('Results were dropped') as string,
        fields: { streamId: 's', queue: 'default', sequence: 0, runs: 1 },
      },
    ]);
    expect(discard).toHaveBeenCalledExactlyOnceWith({ tasks: [expect.objectContaining({ runId: 'r0' })] });
    expect(ledger.leave).not.toHaveBeenCalled();
  });

  it('lets the lane go when the visit breaks off, and has the queue try the job again', async () => {
    const { runner, ledger } = runnerOf([claimed(0)]);
    ledger.advance.mockRejectedValueOnce(new Error('Connection terminated unexpectedly'));
    await expect(runner.visit(lane)).rejects.toThrow('Connection terminated');
    expect(ledger.leave).toHaveBeenCalledOnce();
    await runner.visit(lane);
    expect(ledger.enter).toHaveBeenCalledTimes(2);
  });

  it('keeps results while the database is away and commits them when it is back', async () => {
    let asked = 0;
    const { runner } = runnerOf([claimed(0), released()], {
      settle: async (_, __, settlements) => {
        if (++asked < 3) throw Object.assign(new Error('connection refused'), { code: 'ECONNREFUSED' });
        return all(settlements);
      },
    });
    expect(await runner.visit(lane)).toEqual([]);
    expect(asked).toBe(3);
  });

  it('fails a run whose results the database refuses, and says so', async () => {
    const { runner, ledger } = runnerOf([claimed(0), released()], {
      settle: async (_, __, settlements) => {
        if (settlements[0]?.state === 'done') throw Object.assign(new Error('value out of range'), { code: '22003' });
        return all(settlements);
      },
    });
    await runner.visit(lane);
    expect(ledger.settle.mock.calls.at(-1)?.[2]).toEqual([
      expect.objectContaining({ runId: 'r0', state: 'failed', code: 'VD_PIPELINE_COMMIT_REFUSED', message: 'value out of range' }),
    ]);
  });

  it('tells what failed for good, and not what is tried again', async () => {
    const failed = (sequence: number): Settlement => ({
      runId: `r${sequence}`,
      attempt: 1,
      state: 'failed',
      code: 'VD_X',
      message: 'broken',
      ...(sequence === 0 ? { retryInMs: 5 } : {}),
    });
    const { runner } = runnerOf([claimed(0), claimed(1), released()], { process: async (work) => failed(work.segment.sequence) });
    expect(await runner.visit(lane)).toEqual(['a on segment 1 of yard: VD_X: broken']);
  });

  it('begins nothing more once it drains', async () => {
    const { runner, ledger, ringLanes } = runnerOf([claimed(0), claimed(1)], {
      process: async (work) => {
        runner.drain();
        return doneOf(work);
      },
    });
    await runner.visit(lane);
    expect(ledger.leave).toHaveBeenCalledOnce();
    expect(ringLanes).toHaveBeenCalledOnce();
    await runner.visit(lane);
    expect(ledger.enter).toHaveBeenCalledOnce();
  });
});
