import { describe, expect, it } from 'vitest';
import type { AnalysisJob, Analyzer, AnalyzerTask, Checkpoint, JsonValue } from '../../plugin-api/index.js';
import { StreamStates } from './analyzer-streams.js';

/** Writes down what core calls. */
class Recorder implements Analyzer {
  readonly calls: string[] = [];
  openStream(stream: { epochId: string }, checkpoint?: JsonValue): void {
    this.calls.push(`open ${stream.epochId}${checkpoint === undefined ? '' : ` from ${JSON.stringify(checkpoint)}`}`);
  }
  process(): void {}
  gap(from: number, to: number): void {
    this.calls.push(`gap ${from}..${to}`);
  }
  checkpoint(): JsonValue {
    return { n: this.calls.length };
  }
  closeStream(stream: { epochId: string }): void {
    this.calls.push(`close ${stream.epochId}`);
  }
}

const emit = (): void => undefined;
const SECOND = 1_000_000;
const job = (sequence: number, epochId = 'e1', shiftUs = 0): AnalysisJob =>
  ({
    stream: { streamId: 's', epochId },
    segment: {
      streamId: 's',
      epochId,
      sequence,
      ptsStartUs: sequence * 2 * SECOND + shiftUs,
      ptsEndUs: (sequence + 1) * 2 * SECOND + shiftUs,
    },
  }) as AnalysisJob;
const task = (checkpoint?: Checkpoint): AnalyzerTask =>
  ({ analyzerId: 'a', configHash: 'h', ...(checkpoint ? { checkpoint } : {}) }) as AnalyzerTask;

/** Does segments as the ledger would, handing each checkpoint on. */
async function run(
  states: StreamStates,
  analyzer: Analyzer,
  jobs: readonly AnalysisJob[],
  from?: Checkpoint,
): Promise<Checkpoint | undefined> {
  let checkpoint = from;
  for (const each of jobs) {
    await states.enter(analyzer, task(checkpoint), each, emit);
    const data = await states.leave(analyzer, task(), each);
    checkpoint = { epochId: each.segment.epochId, sequence: each.segment.sequence, data };
  }
  return checkpoint;
}

describe(StreamStates.name, () => {
  it('opens once and goes on warm while segments follow each other', async () => {
    const analyzer = new Recorder();
    await run(new StreamStates(), analyzer, [job(0), job(1), job(2)]);
    expect(analyzer.calls).toEqual(['open e1']);
  });

  it('goes on elsewhere from the checkpoint', async () => {
    const before = await run(new StreamStates(), new Recorder(), [job(0)]);
    const analyzer = new Recorder();
    await run(new StreamStates(), analyzer, [job(1)], before);
    expect(analyzer.calls).toEqual(['open e1 from {"n":1}']);
  });

  it('distrusts warm state that is not what was committed', async () => {
    const states = new StreamStates();
    const analyzer = new Recorder();
    const first = await run(states, analyzer, [job(0)]);
    await run(states, analyzer, [job(1)], first); // not committed: the checkpoint stays at 0
    await run(states, analyzer, [job(1)], first);
    expect(analyzer.calls).toEqual(['open e1', 'close e1', 'open e1 from {"n":1}']);
  });

  it('starts afresh where there is no checkpoint', async () => {
    const states = new StreamStates();
    const analyzer = new Recorder();
    await run(states, analyzer, [job(0)]);
    await run(states, analyzer, [job(0)]);
    expect(analyzer.calls).toEqual(['open e1', 'close e1', 'open e1']);
  });

  it('reports missing segments, warm', async () => {
    const states = new StreamStates();
    const analyzer = new Recorder();
    await run(states, analyzer, [job(0), job(3)]);
    expect(analyzer.calls).toEqual(['open e1', `gap ${2 * SECOND}..${6 * SECOND}`]);
  });

  it('reports missing segments after a move too', async () => {
    const before = await run(new StreamStates(), new Recorder(), [job(0)]);
    const analyzer = new Recorder();
    await run(new StreamStates(), analyzer, [job(3)], before);
    expect(analyzer.calls).toEqual(['open e1 from {"n":1}', `gap ${2 * SECOND}..${6 * SECOND}`]);
  });

  it('reports missing media between segments that follow each other', async () => {
    const analyzer = new Recorder();
    await run(new StreamStates(), analyzer, [job(0), job(1, 'e1', 10 * SECOND)]);
    expect(analyzer.calls).toEqual(['open e1', `gap ${2 * SECOND}..${12 * SECOND}`]);
  });

  it('closes one epoch and opens the next, whose checkpoint is not the old one', async () => {
    const analyzer = new Recorder();
    await run(new StreamStates(), analyzer, [job(0), job(1), job(0, 'e2')]);
    expect(analyzer.calls).toEqual(['open e1', 'close e1', 'open e2']);
  });

  it('forgets a job that was not committed', async () => {
    const states = new StreamStates();
    const analyzer = new Recorder();
    const first = await run(states, analyzer, [job(0)]);
    await states.drop(task(), job(0).stream);
    await run(states, analyzer, [job(1)], first);
    expect(analyzer.calls).toEqual(['open e1', 'close e1', 'open e1 from {"n":1}']);
  });

  it('lets go of a stream whatever closing it throws', async () => {
    const states = new StreamStates();
    const analyzer: Analyzer = { process: () => undefined, closeStream: () => Promise.reject(new Error('no')) };
    await run(states, analyzer, [job(0)]);
    await expect(states.drop(task(), job(0).stream)).resolves.toBeUndefined();
  });

  it('keeps no more streams warm than a host can hold', async () => {
    const states = new StreamStates();
    const analyzer = new Recorder();
    for (let i = 0; i < 1100; i++) {
      const each = { ...job(0), stream: { ...job(0).stream, streamId: `s${i}` } };
      await states.enter(analyzer, task(), each, emit);
      await states.leave(analyzer, task(), each);
    }
    expect(analyzer.calls.filter((call) => call.startsWith('close'))).toHaveLength(1100 - 1024);
  });

  it('closes for one analyzer what that one has open, and nothing of another', async () => {
    const states = new StreamStates();
    const [quiet, busy] = [new Recorder(), new Recorder()];
    await run(states, quiet, [job(0)]);
    for (let i = 0; i < 1100; i++) {
      const each = { ...job(0), stream: { ...job(0).stream, streamId: `s${i}` } };
      await states.leave(busy, { ...task(), analyzerId: 'b' }, each);
    }
    expect(quiet.calls).toEqual(['open e1']);
    expect(busy.calls).toHaveLength(1100 - 1024);
  });
});
