import { describe, expect, it, vi } from 'vitest';
import type { ApiClient } from '../../api/api-client';
import { ApiError } from '../../api/problem';
import type { EventGroupWire, Page } from '../../api/models';
import { aGroup } from '../../testing/event-samples';
import { NO_FILTER } from './event-filter';
import { EventsState, isReviewed } from './events-state';

const refused = new ApiError({ type: 'about:blank', status: 503, title: 'Away', detail: 'Away', code: 'VD_API_BUSY' });
const pageOf = (items: EventGroupWire[], next: string | null = null): Page<EventGroupWire> => ({ items, next });

function scene(pages: Page<EventGroupWire>[] = [pageOf([aGroup(3), aGroup(2), aGroup(1)])]) {
  let nowMs = 1_000_000;
  const asked: Parameters<ApiClient['allEvents']>[0][] = [];
  const marked: [readonly string[], boolean][] = [];
  const problems: unknown[] = [];
  const server = { pages, fails: false };
  const state = new EventsState({
    api: {
      allEvents: (query) => {
        asked.push(query);
        if (server.fails) return Promise.reject(refused);
        return Promise.resolve(server.pages.length > 1 ? server.pages.shift()! : server.pages[0]!);
      },
      reviewEvents: (ids, reviewed) => {
        marked.push([ids, reviewed]);
        return server.fails ? Promise.reject(refused) : Promise.resolve();
      },
    },
    now: () => nowMs,
    streamId: (name) => ({ hall: 'id-of-hall' })[name] ?? null,
    onProblem: (error) => problems.push(error),
  });
  return { state, server, asked, marked, problems, pass: (ms: number) => (nowMs += ms) };
}
const keys = (state: EventsState): string[] => state.items().map(({ event }) => event.id);
const news = (newestId: string) => ({ type: 'events', newestId }) as const;

describe(EventsState.name, () => {
  it('shows what is to be reviewed, and stands on the first', async () => {
    const { state, asked } = scene();
    await state.show(NO_FILTER);
    expect([keys(state), state.status(), state.current()?.event.id, state.hasMore()]).toEqual([['3', '2', '1'], 'ready', '3', false]);
    expect(asked).toEqual([{ reviewed: 'no', limit: '100' }]);
  });

  it('asks for streams by their ids, and for nothing where no stream has the name', async () => {
    const { state, asked } = scene();
    await state.show({ ...NO_FILTER, streams: ['hall', 'attic'] });
    await state.show({ ...NO_FILTER, streams: ['attic'] });
    expect([asked.map(({ streamId }) => streamId), keys(state), state.asked()]).toEqual([[['id-of-hall']], [], null]);
  });

  it('goes on with the next page once, where the list nears its end', async () => {
    const { state, asked } = scene([pageOf([aGroup(3)], 'c.1'), pageOf([aGroup(2), aGroup(1)])]);
    await state.show(NO_FILTER);
    await Promise.all([state.loadMore(), state.loadMore()]);
    await state.loadMore();
    expect([keys(state), asked.map(({ after }) => after)]).toEqual([
      ['3', '2', '1'],
      [undefined, 'c.1'],
    ]);
  });

  it('keeps to the newest question: an answer to an older one is not shown', async () => {
    const { state } = scene([pageOf([aGroup(1)]), pageOf([aGroup(2)])]);
    await Promise.all([state.show(NO_FILTER), state.show({ ...NO_FILTER, query: 'x' })]);
    expect(keys(state)).toEqual(['2']);
  });

  it('says what went wrong, and shows the list again once it is answered', async () => {
    const { state, server } = scene();
    server.fails = true;
    await state.show(NO_FILTER);
    expect([state.status(), state.problem()?.code]).toEqual(['failed', 'VD_API_BUSY']);
    server.fails = false;
    await state.load();
    expect([state.status(), state.problem()]).toEqual(['ready', null]);
  });

  describe('news', () => {
    it('are counted and not shown before they are asked for; what goes on is brought up to date where it is', async () => {
      const open = aGroup(3, {}, { state: 'open', endAt: null });
      const { state, server } = scene([pageOf([open, aGroup(2)])]);
      await state.show(NO_FILTER);
      server.pages = [pageOf([aGroup(5), aGroup(4), aGroup(3, {}, { state: 'closed' })])];
      state.apply(news('5'));
      await vi.waitFor(() => expect(state.newCount()).toBe(2));
      expect([keys(state), state.items()[0]!.event.state]).toEqual([['3', '2'], 'closed']);
      state.showNews();
      expect([keys(state), state.newCount()]).toEqual([['5', '4', '3'], 0]);
    });

    it('are asked for every two seconds at most, the last of them too', async () => {
      const { state, asked, pass } = scene();
      await state.show(NO_FILTER);
      for (const id of ['5', '6', '7', '7']) state.apply(news(id));
      expect(asked).toHaveLength(2);
      pass(1_999);
      state.tick();
      expect(asked).toHaveLength(2);
      pass(1);
      state.tick();
      state.tick();
      expect(asked).toHaveLength(3);
    });

    it('leave what is known on show where they cannot be had', async () => {
      const { state, server } = scene();
      await state.show(NO_FILTER);
      server.fails = true;
      await state.look();
      expect([keys(state), state.status(), state.problem()?.code]).toEqual([['3', '2', '1'], 'ready', 'VD_API_BUSY']);
    });
  });

  describe('triage', () => {
    it('moves by steps, and stays within the list', async () => {
      const { state } = scene();
      await state.show(NO_FILTER);
      const walked = [1, 1, 1, -1, -5].map((by) => {
        state.move(by);
        return state.current()?.event.id;
      });
      expect(walked).toEqual(['2', '1', '1', '2', '3']);
    });

    it('marks whole groups at once, keeps them in their places, and takes it back', async () => {
      const { state, marked } = scene([pageOf([aGroup(3, { count: 2, eventIds: ['3', '30'] }), aGroup(2), aGroup(1)])]);
      await state.show(NO_FILTER);
      await state.review(state.items().slice(0, 2), true);
      expect([state.items().map(isReviewed), state.lastReview()]).toEqual([
        [true, true, false],
        { ids: ['3', '30', '2'], reviewed: true, groups: 2 },
      ]);
      await state.review(state.items().slice(0, 2), true);
      await state.undo();
      await state.undo();
      expect([state.items().map(isReviewed), state.lastReview()]).toEqual([[false, false, false], null]);
      expect(marked).toEqual([
        [['3', '30', '2'], true],
        [['3', '30', '2'], false],
      ]);
    });

    it('marks more than one request may name by several', async () => {
      const many = Array.from({ length: 300 }, (_, n) => String(n));
      const { state, marked } = scene([pageOf([aGroup(3, { eventIds: many }), aGroup(2, { eventIds: many })])]);
      await state.show(NO_FILTER);
      await state.review(state.items(), true);
      expect(marked.map(([ids]) => ids.length)).toEqual([500, 100]);
    });

    it('takes a mark away again that the server refused, and says why', async () => {
      const { state, server, problems } = scene();
      await state.show(NO_FILTER);
      server.fails = true;
      await state.review(state.items(), true);
      expect([state.items().some(isReviewed), state.lastReview(), problems]).toEqual([false, null, [refused]]);
    });

    it('picks one, all and none, and forgets them with another filter', async () => {
      const { state } = scene();
      await state.show(NO_FILTER);
      state.pick(state.items()[1]!);
      expect(state.picked().map(({ event }) => event.id)).toEqual(['2']);
      state.pickAll();
      state.pick(state.items()[1]!);
      expect(state.picked()).toHaveLength(2);
      await state.show({ ...NO_FILTER, query: 'x' });
      expect(state.picked()).toEqual([]);
    });
  });
});
