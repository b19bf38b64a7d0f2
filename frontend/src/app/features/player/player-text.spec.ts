import { describe, expect, it } from 'vitest';
import { T0, aRun, aSegment, aStream, anEpoch, at } from '../../testing/wire-samples';
import { formatsOf } from '../../testing/formats';
import { sayOf } from '../../testing/say';
import { en } from './i18n/en';
import { describeCoverage, describeOffline, readoutText } from './player-text';
import { actionOf } from './shortcuts';

const t = sayOf(en);
const format = formatsOf('en');
const duration = (ms: number): string => format.duration(ms);
const now = { t, sinceMs: 8_000, duration };
const titles = new Map([['objects', 'Object detection']]);

describe(describeCoverage.name, () => {
  it('is silent when nothing analyses the stream', () => {
    expect(describeCoverage({ kind: 'none' }, titles, now)).toBeNull();
  });
  it('names whom it waits for', () => {
    expect(describeCoverage({ kind: 'waiting', analyzerIds: ['objects', 'x'] }, titles, now)).toMatchObject({
      text: 'Analysing…',
      detail: 'Object detection, x',
    });
  });
  it('tells results that are long due from such as are on their way', () => {
    const coverage = { kind: 'waiting', analyzerIds: ['objects'] } as const;
    expect(describeCoverage(coverage, titles, { ...now, sinceMs: 120_000 })).toMatchObject({ tone: 'warn', text: 'Not analysed yet' });
  });
  it.each([
    ['skipped', 'Not analysed', 'Object detection: overload'],
    ['partial', 'Partly analysed', 'Object detection: overload'],
    ['failed', 'Analysis failed', 'Object detection: overload'],
  ] as const)('says what a %s run lacks and why', (state, text, detail) => {
    expect(describeCoverage({ kind: 'lacking', runs: [aRun(0, { state, reason: 'overload' })] }, titles, now)).toMatchObject({
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
    expect(describeCoverage({ kind: 'ready', runs: [moved, aRun(0, { analyzerId: 'x' })] }, titles, now)?.detail.split('\n')).toEqual([
      'All results of this segment are here',
      why,
    ]);
    expect(describeCoverage({ kind: 'lacking', runs: [{ ...moved, state: 'failed' }] }, titles, now)?.detail.split('\n')).toContain(why);
  });
  it('is no news otherwise', () => {
    expect(describeCoverage({ kind: 'ready', runs: [aRun(0)] }, titles, now)?.detail).toBe('All results of this segment are here');
  });
});

describe(describeOffline.name, () => {
  it('says since when, and when it was last live for how long and why no longer', () => {
    const epoch = anEpoch({ ordinal: 7, state: 'closed', endedAt: at(47_000), endReason: 'publisher-gone' });
    const said = { t, dateTime: (ms: number) => at(ms - T0).slice(11, 19), duration };
    expect(describeOffline(aStream({ state: 'retrying', stateAt: at(50_000), epoch }), said)).toEqual({
      title: 'Waiting for the source',
      since: 'Retrying since 10:00:50',
      last: 'Last publish: no. 7, began 10:00:00, lasted 47 s (publisher gone)',
    });
    expect(describeOffline(aStream({ state: 'pending', epoch: null }), said).last).toBeNull();
    expect(describeOffline(aStream({ enabled: false }), said).title).toBe('Switched off');
  });
});

describe(readoutText.name, () => {
  it('says how far boxes that are not of the frame lie beside, where a track tells', () => {
    const frame = { streamId: 's', epochId: 'epoch-1', sequence: 0, ptsUs: 1_500_000, atMs: T0 };
    const entry = { segment: aSegment(0), startMs: T0, runs: new Map() };
    const located = { frame, entry, mediaTimeSeconds: 1 };
    const error = { betweenPx: 0.84, heldPx: 6.2, measured: 40 };
    expect(readoutText(located, {}, error)).toContain('between ≤ 0.8 px, held 6.2 px (p50 of 40)');
    expect(readoutText(located, {}, null)).toContain('no track to measure by');
  });
});

describe(actionOf.name, () => {
  it('knows the keys in either case and no others', () => {
    expect(['o', 'O', 'd', ' ', 'ArrowLeft', 'j', ']', 'x'].map(actionOf)).toEqual([
      ...['overlay', 'overlay', 'readout', 'play', 'back-short', 'back', 'next-event', null],
    ]);
  });
});
