import { describe, expect, it } from 'vitest';
import { T0, at } from '../../testing/wire-samples';
import { anAllowedAnalyzer, aStrategy, aWorkerView } from '../../testing/work-samples';
import { WORDS } from '../../testing/work-words';
import { healthOf, paceOf } from './strategy-health';

const north = aWorkerView();
const down = aWorkerView({ instanceId: 'w2', host: 'south', status: 'down', detail: 'no host is connected', breaker: 'open' });

describe(healthOf.name, () => {
  const health = (...[over]: Parameters<typeof aStrategy>) => healthOf(aStrategy(over), WORDS);

  it('is ready when every worker says so, and says no more', () => {
    expect(health({ workers: [north, { ...north, instanceId: 'w2' }] })).toEqual({ tone: 'good', word: 'Ready', reasons: [], rest: null });
  });
  it('is in part down when some say so, and names who sees it', () => {
    expect(health({ workers: [north, down] })).toMatchObject({
      tone: 'warn',
      word: 'Down for 1 of 2 workers',
      reasons: ['no host is connected (seen on south)'],
    });
  });
  it('is down when all say so, each reason once', () => {
    expect(health({ workers: [down, { ...down, instanceId: 'w3' }] })).toMatchObject({
      tone: 'bad',
      word: 'Down',
      reasons: ['no host is connected'],
    });
  });
  it('is not called ready while it rests, and says until when', () => {
    const rests = aWorkerView({ breaker: 'open', restsUntil: at(60_000), failuresInRow: 5 });
    const later = { ...rests, instanceId: 'w2', restsUntil: at(90_000), failuresInRow: 9 };
    expect(health({ workers: [later, rests] })).toMatchObject({
      tone: 'bad',
      word: 'Resting',
      rest: `Rests after 5 failures in a row; one job tries at ${WORDS.as.time(T0 + 60_000)} whether it is back.`,
    });
    expect(health({ workers: [north, { ...rests, failuresInRow: 1 }] })).toMatchObject({
      tone: 'warn',
      word: 'Resting for 1 of 2 workers',
      rest: expect.stringMatching(/^Rests after a failure; one job tries at /),
    });
  });
  it('says that it rests where a worker of another version does not say until when, and that it is tried', () => {
    expect(health({ workers: [down] }).rest).toBe('Rests after failures in a row; then one job tries whether it is back.');
    expect(health({ workers: [{ ...north, breaker: 'half-open' }] })).toMatchObject({
      word: 'Ready',
      rest: 'It failed and has rested; the next job tries whether it is back.',
    });
  });
  it('lets one worker say how well it is, many only what is wrong, and not all of that', () => {
    const well = aWorkerView({ detail: '2 of 2 analysis hosts up' });
    expect(health({ workers: [well] }).reasons).toEqual(['2 of 2 analysis hosts up']);
    const bad = [1, 2, 3, 4, 5, 6].map((n) => aWorkerView({ host: `h${n}`, status: 'degraded', detail: `trouble ${n}` }));
    expect(health({ workers: [well, ...bad] })).toMatchObject({
      word: 'Limited',
      reasons: [1, 2, 3, 4].map((n) => `trouble ${n} (seen on h${n})`).concat('and 2 more reasons'),
    });
  });
  it('is not known, rather than ready, when no worker reports it', () => {
    expect(health({ workers: [], analyzers: [anAllowedAnalyzer()] })).toMatchObject({ tone: 'unknown', word: 'Not known', rest: null });
    expect(health({ workers: [] })).toMatchObject({ tone: 'unknown', word: 'Not in use' });
  });
});

describe(paceOf.name, () => {
  it('is the median of what was measured, and nothing where nothing was', () => {
    const workers = [300, 90, 120].map((ms) => aWorkerView({ msPerMediaSecond: { objects: ms } }));
    expect(paceOf(aStrategy({ workers }), 'objects')).toBe(120);
    expect(paceOf(aStrategy({ workers }), 'other')).toBeNull();
  });
});
