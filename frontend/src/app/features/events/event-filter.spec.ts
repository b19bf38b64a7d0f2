import { describe, expect, it } from 'vitest';
import { boundsOf, exportPath, filterOf, NO_FILTER, paramsOf, questionOf, type EventFilter } from './event-filter';

const FULL: EventFilter = {
  ...{ reviewed: 'any', streams: ['hall', 'yard'], kinds: ['logo'], analyzers: ['logo-detection'], subjects: ['Acme, Inc.'], query: 'ac' },
  ...{ range: '7d', from: null, to: null, minDurationS: 10, minScore: 0.8, isOpen: true, isUngrouped: true },
};
const NOW_MS = Date.UTC(2026, 2, 10, 12);

/** As a router reads an address. */
function read(params: Record<string, string | readonly string[] | null>) {
  const all = (name: string): string[] => [params[name] ?? []].flat() as string[];
  return { get: (name: string) => all(name)[0] ?? null, getAll: all };
}

describe(filterOf.name, () => {
  it('reads what was written into the address, whole', () => {
    for (const filter of [NO_FILTER, FULL, { ...NO_FILTER, from: '2026-03-01T10:00:00.000Z', to: '2026-03-01T11:00:00.000Z' }])
      expect(filterOf(read(paramsOf(filter)))).toEqual(filter);
    expect(Object.values(paramsOf(NO_FILTER)).every((value) => value === null)).toBe(true);
  });

  it('leaves aside what is no filter', () => {
    expect(filterOf(read({ range: 'ages', from: 'soon', score: '7', longer: '-1', reviewed: 'maybe', state: 'shut' }))).toEqual(NO_FILTER);
  });
});

describe(questionOf.name, () => {
  it('asks for what is to be reviewed where nothing else is chosen', () => {
    expect(questionOf(NO_FILTER, undefined, NOW_MS)).toEqual({ reviewed: 'no' });
  });

  it('asks for all that is chosen', () => {
    expect(questionOf(FULL, ['1', '2'], NOW_MS)).toEqual({
      ...{ streamId: ['1', '2'], name: ['logo'], analyzerId: ['logo-detection'], subject: ['Acme, Inc.'], query: 'ac' },
      ...{ from: '2026-03-03T12:00:00.000Z', minDurationMs: '10000', minScore: '0.8', state: 'open', repeatsWithinS: '0' },
    });
  });
});

describe(boundsOf.name, () => {
  it('takes days as the viewer has them', () => {
    const midnight = new Date(2026, 2, 10).toISOString();
    expect(boundsOf('today', NOW_MS)).toEqual({ from: midnight, to: null });
    expect(boundsOf('yesterday', NOW_MS)).toEqual({ from: new Date(2026, 2, 9).toISOString(), to: midnight });
    expect(boundsOf('1h', NOW_MS)).toEqual({ from: '2026-03-10T11:00:00.000Z', to: null });
  });
});

describe(exportPath.name, () => {
  it('names the filter, or the events that were chosen', () => {
    const question = { ...questionOf(FULL, ['1', '2'], NOW_MS), after: '1.2' };
    expect(exportPath(question, 'csv')).toBe(
      '/api/events/export?format=csv&streamId=1&streamId=2&name=logo&analyzerId=logo-detection&subject=Acme%2C+Inc.&query=ac' +
        '&from=2026-03-03T12%3A00%3A00.000Z&minDurationMs=10000&minScore=0.8&state=open',
    );
    expect(exportPath(question, 'jsonl', ['4', '5'])).toBe('/api/events/export?format=jsonl&id=4%2C5');
  });
});
