import { describe, expect, it } from 'vitest';
import { aStrategy, aWorkerView } from '../../testing/work-samples';
import { WORDS } from '../../testing/work-words';
import { hostsOf } from './worker-hosts';

const seenBy = (...reports: unknown[]) => [
  aStrategy({
    id: 'remote-lan',
    title: 'LAN',
    reach: 'lan',
    workers: reports.map((hosts, i) => aWorkerView({ instanceId: `w${i}`, report: { hosts } })),
  }),
];

describe(hostsOf.name, () => {
  it('tells how busy each host is', () => {
    const attic = {
      url: 'https://attic:8787',
      name: 'attic',
      state: 'up',
      reason: null,
      capacity: 8,
      running: 6,
      waiting: 1,
      platform: 'linux x64',
      version: '0.1.0',
      rssBytes: 2.1e9,
      loadAverage: [3.42, 1, 1],
      analyzers: ['objects 1.0.0'],
    };
    expect(hostsOf(seenBy([attic]), WORDS)).toEqual([
      {
        key: 'remote-lan https://attic:8787',
        name: 'attic',
        address: 'https://attic:8787',
        strategy: 'LAN',
        tone: 'good',
        state: 'Ready',
        reason: null,
        load: 0.75,
        loadText: '6 of 8 running, 1 waiting',
        facts: ['linux x64', 'Vedette 0.1.0', '2.1 GB of memory', 'system load 3.42', 'objects 1.0.0'],
      },
    ]);
  });

  it('shows a host once, as the worker sees it that is worst off', () => {
    const [host, ...more] = hostsOf(
      seenBy(
        [{ url: 'u', name: 'attic', state: 'up', capacity: 4, running: 2 }],
        [{ url: 'u', name: null, state: 'out', reason: 'ECONNREFUSED', capacity: 4, running: 0 }],
      ),
      WORDS,
    );
    expect(more).toEqual([]);
    expect(host).toMatchObject({
      name: 'attic',
      tone: 'bad',
      state: 'Out of reach for 1 of 2 workers',
      reason: 'ECONNREFUSED',
      loadText: '2 of 4 running, 0 waiting',
    });
  });

  it('does not repeat what a lost host said before it was lost', () => {
    expect(
      hostsOf(
        seenBy([{ url: 'u', name: 'attic', state: 'refused', reason: 'another version', capacity: 4, running: 2, rssBytes: 1e9 }]),
        WORDS,
      ),
    ).toMatchObject([{ tone: 'bad', reason: 'Another version', load: null, loadText: null, facts: [] }]);
  });

  it('takes what it understands of a report and leaves the rest', () => {
    expect(
      hostsOf(
        seenBy(
          'none',
          [null, 7, {}, { name: 'old', state: 'dancing', capacity: '8', running: -3, analyzers: 'all', loadAverage: 'high' }],
          undefined,
        ),
        WORDS,
      ),
    ).toMatchObject([
      { name: 'old', address: null, tone: 'unknown', state: 'Dancing', load: null, loadText: '0 running, 0 waiting', facts: [] },
    ]);
    expect(hostsOf([aStrategy()], WORDS)).toEqual([]);
  });
});
