import { describe, expect, it } from 'vitest';
import type { StreamVerdictWire, StreamWire } from '../../api/models';
import { anEvent, anIssue, aStream } from '../../testing/wire-samples';
import { needsALook, subjectOf, tileState } from './tile-state';

const GOOD: StreamVerdictWire = { status: 'good', issues: [] };
const word = (over: Partial<StreamWire>, verdict: StreamVerdictWire | null = GOOD, open: string[] = [], isCurrent = true): string =>
  tileState(aStream(over), verdict, open, isCurrent).word;

describe(tileState.name, () => {
  it('says in a word what a stream is', () => {
    expect(word({})).toBe('live');
    expect(word({ state: 'pending' })).toBe('waiting');
    expect(word({ state: 'retrying' })).toBe('retrying');
    expect(word({ state: 'failed' })).toBe('failed');
    expect(word({ state: 'stopped' })).toBe('stopped');
    expect(word({ enabled: false })).toBe('off');
  });

  it('calls nothing live of which no new picture comes, or whose picture stands still', () => {
    expect(word({}, { status: 'bad', issues: [anIssue({ code: 'segment-overdue', severity: 'warning' })] })).toBe('still');
    expect(word({}, { status: 'bad', issues: [anIssue({ code: 'ingest-silent', severity: 'error' })] })).toBe('still');
    expect(word({}, { status: 'ok', issues: [anIssue()] })).toBe('live');
    expect(word({}, GOOD, ['motion', 'frozen'])).toBe('frozen');
    expect(word({}, GOOD, ['frozen-yoghurt-seen', 'unfrozen'])).toBe('frozen');
    expect(word({}, GOOD, ['motion', 'unfrozen'])).toBe('live');
  });

  it('knows nothing while what is shown is old', () => {
    expect(word({}, GOOD, [], false)).toBe('unknown');
    expect(word({ state: 'failed' }, GOOD, [], false)).toBe('unknown');
  });

  it('has the gravest issue that is more than worth knowing', () => {
    const verdict: StreamVerdictWire = { status: 'good', issues: [anIssue({ severity: 'info' })] };
    expect(tileState(aStream(), verdict, [], true).issue).toBeNull();
    const state = tileState(aStream(), { status: 'ok', issues: [anIssue()] }, [], true);
    expect(state.issue?.code).toBe('keyframe-interval-long');
    expect([needsALook(state), needsALook(tileState(aStream(), GOOD, [], true))]).toEqual([true, false]);
  });
});

describe(subjectOf.name, () => {
  it('names what the event is of, where it says so', () => {
    expect(subjectOf(anEvent(1, { data: { label: 'Acme', meanShare: 0.2 } }))).toBe('Acme');
    expect(subjectOf(anEvent(1, { data: { ruleName: 'Door', kind: 'line' } }))).toBe('Door');
    expect(subjectOf(anEvent(1, { data: { label: '' } }))).toBeNull();
    expect(subjectOf(anEvent(1, { data: null }))).toBeNull();
  });
});
