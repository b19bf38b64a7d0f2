import { describe, expect, it } from 'vitest';
import { anAllowedAnalyzer, aStrategy, aWorkerView } from '../../testing/work-samples';
import { healthOf, paceOf } from './strategy-health';

const north = aWorkerView();
const down = aWorkerView({ instanceId: 'w2', host: 'south', status: 'down', detail: 'no host is connected', breaker: 'open' });

describe(healthOf.name, () => {
  it('is up when every worker says so', () => {
    expect(healthOf(aStrategy({ workers: [north, { ...north, instanceId: 'w2' }] }))).toMatchObject({
      tone: 'good',
      word: 'Up',
      reasons: [],
      breaker: 'closed',
    });
  });
  it('is in part down when some say so, and names who sees it', () => {
    expect(healthOf(aStrategy({ workers: [north, down] }))).toMatchObject({
      tone: 'warn',
      word: 'Down on 1 of 2 workers',
      reasons: ['no host is connected (seen on south)'],
      breaker: 'open on 1 of 2 workers: rests after failures in a row',
      breakerTone: 'bad',
    });
  });
  it('is down when all say so, each reason once', () => {
    expect(healthOf(aStrategy({ workers: [down, { ...down, instanceId: 'w3' }] }))).toMatchObject({
      tone: 'bad',
      word: 'Down',
      reasons: ['no host is connected'],
    });
    expect(healthOf(aStrategy({ workers: [down] })).breaker).toBe('open: rests after failures in a row');
  });
  it('lets one worker say how well it is, many only what is wrong, and not all of that', () => {
    const well = aWorkerView({ detail: '2 of 2 analysis hosts up' });
    expect(healthOf(aStrategy({ workers: [well] })).reasons).toEqual(['2 of 2 analysis hosts up']);
    const bad = [1, 2, 3, 4, 5, 6].map((n) => aWorkerView({ host: `h${n}`, status: 'degraded', detail: `trouble ${n}` }));
    expect(healthOf(aStrategy({ workers: [well, ...bad] })).reasons).toEqual(
      [1, 2, 3, 4].map((n) => `trouble ${n} (seen on h${n})`).concat('and 2 more reasons'),
    );
  });
  it('is not known, rather than up, when no worker reports it', () => {
    expect(healthOf(aStrategy({ workers: [], analyzers: [anAllowedAnalyzer()] }))).toMatchObject({
      tone: 'unknown',
      word: 'Not known',
      breaker: null,
    });
    expect(healthOf(aStrategy({ workers: [] }))).toMatchObject({ tone: 'unknown', word: 'Not in use' });
  });
});

describe(paceOf.name, () => {
  it('is the median of what was measured, and nothing where nothing was', () => {
    const workers = [300, 90, 120].map((ms) => aWorkerView({ msPerMediaSecond: { objects: ms } }));
    expect(paceOf(aStrategy({ workers }), 'objects')).toBe(120);
    expect(paceOf(aStrategy({ workers }), 'other')).toBeNull();
  });
});
