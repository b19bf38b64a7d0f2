import { describe, expect, it } from 'vitest';
import { T0, aRun, aStream, anEpoch, at } from '../../testing/wire-samples';
import { describeCoverage, describeOffline } from './player-text';
import { actionOf } from './shortcuts';

const titles = new Map([['objects', 'Object detection']]);

describe(describeCoverage.name, () => {
  it('is silent when nothing analyses the stream', () => {
    expect(describeCoverage({ kind: 'none' }, titles)).toBeNull();
  });
  it('names whom it waits for', () => {
    expect(describeCoverage({ kind: 'waiting', analyzerIds: ['objects', 'x'] }, titles)).toMatchObject({
      text: 'Analysing…',
      detail: 'Object detection, x',
    });
  });
  it.each([
    ['skipped', 'Not analysed', 'Object detection: skipped (overload)'],
    ['partial', 'Partly analysed', 'Object detection: partial (overload)'],
    ['failed', 'Analysis failed', 'Object detection: failed (overload)'],
  ] as const)('says what a %s run lacks and why', (state, text, detail) => {
    expect(describeCoverage({ kind: 'lacking', runs: [aRun(0, { state, reason: 'overload' })] }, titles)).toMatchObject({
      tone: 'warn',
      text,
      detail,
    });
  });
});

describe('where it ran', () => {
  const moved = aRun(0, { strategy: 'local', strategyReason: 'remote-lan is down: no host is connected' });
  const why = 'Object detection ran on local: remote-lan is down: no host is connected';
  it('is told where it is not where the analyzer prefers to run, of results that are there and of such as lack', () => {
    expect(describeCoverage({ kind: 'ready', runs: [moved, aRun(0, { analyzerId: 'x' })] }, titles)?.detail.split('\n')).toEqual([
      'All results of this segment are here',
      why,
    ]);
    expect(describeCoverage({ kind: 'lacking', runs: [{ ...moved, state: 'failed' }] }, titles)?.detail.split('\n')).toContain(why);
  });
  it('is no news otherwise', () => {
    expect(describeCoverage({ kind: 'ready', runs: [aRun(0)] }, titles)?.detail).toBe('All results of this segment are here');
  });
});

describe(describeOffline.name, () => {
  it('says since when, and when it was last live for how long and why no longer', () => {
    const epoch = anEpoch({ ordinal: 7, state: 'closed', endedAt: at(47_000), endReason: 'publisher-gone' });
    expect(describeOffline(aStream({ state: 'retrying', stateAt: at(50_000), epoch }), T0 + 60_000)).toMatchObject({
      since: '10 s ago',
      last: { ordinal: 7, lasted: '47 s', reason: 'publisher gone' },
    });
    expect(describeOffline(aStream({ state: 'pending', epoch: null }), T0)).toEqual({ since: 'just now', last: null });
  });
});

describe(actionOf.name, () => {
  it('knows the keys in either case and no others', () => {
    expect(['o', 'O', 'd', ' ', 'ArrowLeft', 'x'].map(actionOf)).toEqual(['overlay', 'overlay', 'readout', 'play', 'back', null]);
  });
});
