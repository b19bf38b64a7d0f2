import { describe, expect, it } from 'vitest';
import { aRun } from '../../testing/wire-samples';
import { describeCoverage } from './player-text';
import { actionOf } from './shortcuts';

const titles = new Map([['objects', 'Object detection']]);

describe(describeCoverage.name, () => {
  it('is silent when nothing analyses the stream', () => {
    expect(describeCoverage({ kind: 'none' }, titles)).toBeNull();
  });
  it('names whom it waits for', () => {
    expect(describeCoverage({ kind: 'waiting', analyzerIds: ['objects', 'x'] }, titles)).toMatchObject({ text: 'Analysing…', detail: 'Object detection, x' });
  });
  it.each([
    ['skipped', 'Not analysed', 'Object detection: skipped (overload)'],
    ['partial', 'Partly analysed', 'Object detection: partial (overload)'],
    ['failed', 'Analysis failed', 'Object detection: failed (overload)'],
  ] as const)('says what a %s run lacks and why', (state, text, detail) => {
    expect(describeCoverage({ kind: 'lacking', runs: [aRun(0, { state, reason: 'overload' })] }, titles)).toMatchObject({ tone: 'warn', text, detail });
  });
});

describe(actionOf.name, () => {
  it('knows the keys in either case and no others', () => {
    expect(['o', 'O', 'd', ' ', 'ArrowLeft', 'x'].map(actionOf)).toEqual(['overlay', 'overlay', 'readout', 'play', 'back', null]);
  });
});
