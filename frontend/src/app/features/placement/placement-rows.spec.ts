import { describe, expect, it } from 'vitest';
import { aCapacity, anAllowedAnalyzer, aStrategy, aWorkerView } from '../../testing/work-samples';
import { WORDS } from '../../testing/work-words';
import { placementRows } from './placement-rows';

describe(placementRows.name, () => {
  const limits = { deadlineMs: 4_000, budget: { perDay: 2, perMonth: null }, spent: { today: 1.5, thisMonth: 9 } };
  const strategies = [
    aStrategy({
      analyzers: [anAllowedAnalyzer({ rank: 2, of: 2, ...limits }), anAllowedAnalyzer({ id: 'audio' })],
      workers: [aWorkerView({ msPerMediaSecond: { objects: 410 } })],
    }),
    aStrategy({
      id: 'remote-lan',
      analyzers: [anAllowedAnalyzer({ rank: 1, of: 2, ...limits })],
      workers: [aWorkerView({ status: 'down' })],
    }),
  ];

  it('puts the strategies of an analyzer in its order, with how each is and how fast', () => {
    const rows = placementRows(strategies, null, new Map([['objects', 'Object detection']]), WORDS);
    expect(rows.map(({ title, deadline }) => [title, deadline])).toEqual([
      ['audio', 'No deadline'],
      ['Object detection', 'Done within 4 s'],
    ]);
    expect(rows[1]!.places).toMatchObject([
      { id: 'remote-lan', word: 'Down', pace: 'not measured' },
      { id: 'local', word: 'Ready', pace: '410 ms per second of media' },
    ]);
    expect(rows[1]!.spending).toEqual([
      { text: '1.50 of 2.00 today', share: 0.75 },
      { text: '9.00 this month', share: null },
    ]);
    expect(rows[0]!.spending).toEqual([]);
  });

  it('adds what capacity measured of it', () => {
    const analyzers = [
      {
        ...{
          analyzerId: 'objects',
          queue: 'default',
          streams: 6,
          streamsUnknown: 0,
          cpuSecondsPerStreamMinute: 22.44,
          gatesOpenCpuSecondsPerStreamMinute: null,
        },
        ...{ share: 0.71, gateClosedShare: null, moneyPerDay: 1.6, samples: 90, spread: 0.1, confidence: 'high' as const },
      },
    ];
    expect(placementRows(strategies, aCapacity({ analyzers }), new Map(), WORDS).find(({ id }) => id === 'objects')?.takes).toEqual([
      '22.4 s of CPU time per minute of a stream',
      '71% of all work, on 6 streams',
      'about 1.60 a day',
    ]);
  });
});
