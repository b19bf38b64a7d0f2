import { describe, expect, it } from 'vitest';
import type { ApiClient } from '../../api/api-client';
import { ApiError } from '../../api/problem';
import type { SearchWire } from '../../api/models';
import { addressOf, askedOf, markedIn, NOTHING_ASKED, SearchState } from './search-state';

const NOW_MS = Date.UTC(2026, 2, 10);
const FOUND: SearchWire = { from: '', to: '', groups: [{ kind: 'text', hits: [], hasMore: false }] };
const busy = new ApiError({ type: 'about:blank', status: 503, title: 'Busy', detail: 'Busy', code: 'VD_API_BUSY' });

function scene(answer: () => Promise<SearchWire> = () => Promise.resolve(FOUND)) {
  const asked: Parameters<ApiClient['search']>[0][] = [];
  const search = (query: Parameters<ApiClient['search']>[0]) => {
    asked.push(query);
    return answer();
  };
  return {
    asked,
    state: new SearchState(
      { search },
      () => NOW_MS,
      (name) => (name === 'hall' ? 'id-of-hall' : null),
    ),
  };
}

describe(SearchState.name, () => {
  it('asks for the words in the days, the stream and the kind that are chosen', async () => {
    const { state, asked } = scene();
    await state.ask({ ...NOTHING_ASKED, text: ' storm ' });
    await state.ask({ text: 'storm', stream: 'hall', kind: 'text', days: 31 });
    expect(asked).toEqual([
      { q: 'storm', from: '2026-03-03T00:00:00.000Z', limit: '8' },
      { q: 'storm', from: '2026-02-07T00:00:00.000Z', limit: '50', streamId: 'id-of-hall', kind: 'text' },
    ]);
    expect([state.found(), state.answered()?.text, state.isAsking()]).toEqual([FOUND, 'storm', false]);
  });

  it('asks for nothing without words, and finds nothing on a stream that is not', async () => {
    const { state, asked } = scene();
    await state.ask({ ...NOTHING_ASKED, text: 'x', stream: 'attic' });
    expect([state.found()?.groups, asked]).toEqual([[], []]);
    await state.ask({ ...NOTHING_ASKED, text: '  ' });
    expect([state.found(), asked]).toEqual([null, []]);
  });

  it('keeps to the newest words: what is found for older ones is not shown', async () => {
    let answerLate: (found: SearchWire) => void = () => undefined;
    const answers = [new Promise<SearchWire>((resolve) => (answerLate = resolve)), Promise.resolve(FOUND)];
    const { state } = scene(() => answers.shift()!);
    const first = state.ask({ ...NOTHING_ASKED, text: 'st' });
    await state.ask({ ...NOTHING_ASKED, text: 'storm' });
    answerLate({ ...FOUND, groups: [] });
    await first;
    expect([state.found(), state.answered()?.text]).toEqual([FOUND, 'storm']);
  });

  it('says what went wrong, beside what was found before', async () => {
    let fails = false;
    const { state } = scene(() => (fails ? Promise.reject(busy) : Promise.resolve(FOUND)));
    await state.ask({ ...NOTHING_ASKED, text: 'a' });
    fails = true;
    await state.ask({ ...NOTHING_ASKED, text: 'ab' });
    expect([state.found(), state.problem()?.code, state.isAsking()]).toEqual([FOUND, 'VD_API_BUSY', false]);
  });
});

describe(askedOf.name, () => {
  const read = (params: Record<string, string | null>) => askedOf({ get: (name) => params[name] ?? null });

  it('reads what was written into the address, and leaves aside what is none of it', () => {
    for (const asked of [NOTHING_ASKED, { text: 'storm', stream: 'hall', kind: 'label', days: 31 } as const])
      expect(read(addressOf(asked))).toEqual(asked);
    expect(read({ kind: 'everything', days: '900' })).toEqual(NOTHING_ASKED);
  });
});

describe(markedIn.name, () => {
  it('finds the words, whatever their case, and marks nothing where that would be somewhere else', () => {
    expect(markedIn('BREAKING news', 'king N')).toEqual(['BREA', 'KING n', 'ews']);
    expect(markedIn('news', 'x')).toEqual(['news', '', '']);
    expect(markedIn('news', ' ')).toEqual(['news', '', '']);
    expect(markedIn('İstanbul news', 'news')).toEqual(['İstanbul news', '', '']);
  });
});
