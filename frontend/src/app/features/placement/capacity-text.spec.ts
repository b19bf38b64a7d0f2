import { describe, expect, it } from 'vitest';
import type { QueueWire } from '../../api/models';
import { aCapacity } from '../../testing/work-samples';
import { WORDS } from '../../testing/work-words';
import { afterText, queueRows, verdictText } from './capacity-text';

const aQueue = (over: Partial<QueueWire> = {}): QueueWire => ({
  name: 'default',
  backend: 'postgres',
  waiting: 0,
  active: 0,
  delayed: 0,
  failed: 0,
  runsQueued: 0,
  runsRunning: 0,
  lagMs: 0,
  lastMinute: { done: 0, partial: 0, skipped: 0, failed: 0 },
  skipReasons: [],
  ...over,
});
const measured = {
  queue: 'default',
  demandCores: 7.4,
  supplyCores: 6,
  hosts: 6,
  utilisation: 1.23,
  gatesOpenUtilisation: 1.4,
  expectedWaitMs: null,
  expectedLagMs: null,
  observed: {
    earlierLagMs: null,
    laterLagMs: null,
    p95LagMs: 24_000,
    oldestWaitingMs: 0,
    overloadSkips: 214,
    failedRuns: 1,
    finishedRuns: 900,
  },
};

describe(verdictText.name, () => {
  it.each([
    [{}, 'The work of 4 streams fits, with room for 3 more streams like the average one.'],
    [{ spareStreams: 0, countedStreams: 1 }, 'The work of 1 stream fits, with no room for another stream.'],
    [{ spareStreams: null }, 'The work of 4 streams fits.'],
    [{ countedStreams: 0, spareStreams: 1 }, 'No stream is live; there is room for 1 stream like those of before.'],
    [{ verdict: 'tight' as const }, 'The work of 4 streams fits, but barely: there is no room for a peak.'],
    [{ verdict: 'does-not-fit' as const }, 'The work of 4 streams does not fit: it falls behind or segments are skipped.'],
    [{ verdict: 'unknown' as const }, 'Whether the work fits is not known: too little is measured yet.'],
  ])('says it in one sentence: %j', (over, sentence) => {
    expect(verdictText(aCapacity(over), WORDS)).toBe(sentence);
  });
});

describe(queueRows.name, () => {
  it('joins what is measured of a queue with what it tells now', () => {
    expect(queueRows(aCapacity({ queues: [measured] }), [aQueue({ lagMs: 12_000, runsQueued: 9, failed: 2 })], WORDS)).toMatchObject([
      {
        name: 'default',
        tone: 'bad',
        used: '123% used',
        detail: '7.4 of 6.0 cores, 6 analysis hosts',
        lag: '12 s behind, 9 waiting; 95% done within 24 s',
        late: true,
        troubles: ['214 runs skipped to keep up', '1 run failed'],
      },
    ]);
  });
  it('shows queues without a report of capacity, and queues that no worker takes', () => {
    expect(queueRows(null, [aQueue()], WORDS)).toMatchObject([
      { share: null, tone: 'unknown', used: 'not measured', lag: 'nothing waits', late: false, troubles: [] },
    ]);
    expect(queueRows(aCapacity({ queues: [{ ...measured, utilisation: null }] }), [], WORDS)).toMatchObject([
      { share: null, tone: 'bad', used: 'no worker takes it' },
    ]);
  });
});

describe(afterText.name, () => {
  it('promises no more than it keeps', () => {
    const cheapest = { steps: [], config: [], utilisationAfter: 0.74, heaviestLaneAfter: null, fits: true };
    expect(afterText(cheapest, WORDS)).toBe('Then it fits: 74% used.');
    expect(afterText({ ...cheapest, fits: false, utilisationAfter: 1.1 }, WORDS)).toContain('does not fit altogether even then: 110% used');
  });
});
