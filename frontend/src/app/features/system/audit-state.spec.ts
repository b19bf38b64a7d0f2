import { beforeEach, describe, expect, it } from 'vitest';
import { ApiClient } from '../../api/api-client';
import { AuditState } from './audit-state';

const entry = (id: string) => ({ id, at: '2026-11-28T10:00:00.000Z', actor: 'admin', action: 'brand.create', target: null, detail: {} });

describe(AuditState.name, () => {
  let asked: URL[];
  let pages: object[];
  let state: AuditState;
  beforeEach(() => {
    asked = [];
    pages = [];
    const api = new ApiClient('http://vedette.test', async (request) => {
      const url = new URL(request.url);
      if (url.pathname.endsWith('/actions')) return Response.json({ items: ['brand.create'], next: null });
      asked.push(url);
      const page = pages.shift() ?? { items: [], next: null };
      return Response.json(page, { status: 'code' in page ? 400 : 200 });
    });
    state = new AuditState(api);
  });
  const params = (): Record<string, string> => Object.fromEntries(asked.at(-1)!.searchParams);

  it('begins with the newest, and goes back page by page', async () => {
    pages = [
      { items: [entry('9'), entry('8')], next: 'cursor' },
      { items: [entry('7')], next: null },
    ];
    await state.start();
    expect(params()).toEqual({ limit: '50' });
    expect(state.actions()).toEqual(['brand.create']);
    await state.more();
    expect(params()).toEqual({ limit: '50', after: 'cursor' });
    expect(state.entries()?.map(({ id }) => id)).toEqual(['9', '8', '7']);
    await state.more();
    expect(asked).toHaveLength(2);
  });

  it('begins anew with another filter', async () => {
    pages = [
      { items: [entry('9')], next: 'cursor' },
      { items: [entry('3')], next: null },
    ];
    await state.load();
    await state.narrow({ action: 'brand.create', target: ' b1 ', from: '2026-11-28' });
    expect(params()).toEqual({ limit: '50', action: 'brand.create', target: 'b1', from: new Date('2026-11-28T00:00').toISOString() });
    expect(state.entries()?.map(({ id }) => id)).toEqual(['3']);
    expect(state.next()).toBeNull();
  });

  it('says why it cannot, and keeps what it had', async () => {
    pages = [
      { items: [entry('9')], next: null },
      { type: 'about:blank', title: 'No', detail: '', code: 'VD_API_INVALID', status: 400 },
    ];
    await state.load();
    await state.narrow({ address: 'x' });
    expect(state.problem()?.code).toBe('VD_API_INVALID');
    expect(state.entries()).toHaveLength(1);
    expect(state.isLoading()).toBe(false);
  });
});
