import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { auditCommand } from '../../src/cli/commands/audit.js';
import { AuditLog } from '../../src/core/persistence/access/audit-log.js';
import { RefusalRecord } from '../../src/core/persistence/access/refusal-record.js';
import { auditEntryWire, type AuditEntryWire } from '../../src/core/wire/audit.wire.js';
import { pageOf, type Page } from '../../src/core/wire/wire.js';
import { ApiApp } from '../support/api-app.js';

const entries = pageOf(auditEntryWire.strict());

describe('the record of who did what', () => {
  let api: ApiApp;
  let admin: { id: string; token: string };
  beforeAll(async () => {
    api = await ApiApp.start();
    admin = await api.apiToken('admin');
  });
  afterEach(() => vi.restoreAllMocks());
  afterAll(() => api.stop());

  async function read(query = ''): Promise<Page<AuditEntryWire>> {
    const response = await api.call('GET', `/api/audit${query}`, { bearer: admin.token });
    expect(response.status).toBe(200);
    return entries.parse(await response.json());
  }
  async function refusals(): Promise<AuditEntryWire[]> {
    await api.app.get(RefusalRecord).flush();
    return (await read('?action=auth.refused&order=asc&limit=1000')).items;
  }

  it('says by which token, user, address and request', async () => {
    const made = await api.call('POST', '/api/tokens', { bearer: admin.token, body: { name: 'grafana', role: 'viewer' } });
    const { id } = (await made.json()) as { id: string };
    const [entry] = (await read(`?target=${id}`)).items;
    expect(entry).toMatchObject({
      action: 'token.create',
      actor: 'admin (admin, api)',
      tokenId: admin.id,
      address: '127.0.0.1',
      requestId: made.headers.get('x-request-id'),
    });
    expect(entry?.requestId).toMatch(/^[0-9a-f-]{36}$/);
    const { rows } = await api.sql.query<{ user_id: string }>('SELECT user_id FROM user_tokens WHERE id = $1', [admin.id]);
    expect(entry?.userId).toBe(rows[0]?.user_id);
  });

  it('names what is put on record', async () => {
    const actions = await api.call('GET', '/api/audit/actions', { bearer: admin.token });
    const { items } = (await actions.json()) as { items: string[] };
    expect(items).toEqual(expect.arrayContaining(['token.create', 'diagnostics.export']));
    expect((await read(`?action=${items[0]}`)).next).toBeNull();
  });

  it('does not believe a request id that the client brings', async () => {
    const response = await api.call('GET', '/api/health', { headers: { 'x-request-id': 'mine' } });
    expect(response.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it.each([
    "UPDATE audit SET actor = 'somebody else'",
    "UPDATE audit SET actor = 'x' WHERE false",
    'DELETE FROM audit',
    'TRUNCATE audit',
    "INSERT INTO audit (id, actor, action) OVERRIDING SYSTEM VALUE SELECT id, 'x', 'y' FROM audit LIMIT 1 ON CONFLICT (id) DO UPDATE " +
      "SET actor = 'x'",
  ])('cannot be rewritten: %s', async (sql) => {
    const before = await read('?limit=1000');
    expect(before.items.length).toBeGreaterThan(0);
    await expect(api.sql.query(sql)).rejects.toMatchObject({
      code: '42501',
      message: expect.stringContaining('neither changed nor removed'),
    });
    expect(await read('?limit=1000')).toEqual(before);
  });

  it('hears of failed sign-ins and refusals, added up', async () => {
    const { token: viewer, id } = await api.apiToken('viewer');
    await refusals();
    const before = (await refusals()).length;
    for (let i = 0; i < 5; i++) await api.call('POST', '/api/session', { body: { token: `guessed-${i}-aaaaaaaa` } });
    await api.call('POST', '/api/streams', { bearer: viewer, body: { name: 'x', adapterId: 'rtmp' } });
    await api.call('GET', '/api/streams');
    const found = (await refusals()).slice(before);
    expect(
      found.map(({ actor, tokenId, address, detail }) => ({ actor, tokenId, address, code: detail['code'], count: detail['count'] })),
    ).toEqual([
      { actor: 'not signed in', tokenId: null, address: '127.0.0.1', code: 'VD_AUTH_TOKEN_INVALID', count: 5 },
      { actor: 'viewer (viewer, api)', tokenId: id, address: '127.0.0.1', code: 'VD_AUTH_FORBIDDEN', count: 1 },
    ]);
    expect(found[0]?.detail).toMatchObject({ path: '/api/session' });
    expect(JSON.stringify(found)).not.toContain('guessed');
  });

  it('does not grow with every address that guesses', async () => {
    const record = api.app.get(RefusalRecord);
    await record.flush();
    const before = (await refusals()).length;
    for (let i = 0; i < 1_000; i++) {
      const by = { name: 'not signed in', userId: null, tokenId: null, address: `2001:db8::${i.toString(16)}`, requestId: null };
      record.add({ action: 'auth.refused', code: 'VD_AUTH_TOKEN_INVALID', path: '/api/streams', by });
    }
    const found = (await refusals()).slice(before);
    expect(found.length).toBeLessThanOrEqual(101);
    expect(found.reduce((sum, { detail }) => sum + Number(detail['count']), 0)).toBe(1_000);
    expect(found.at(-1)).toMatchObject({ actor: 'several addresses', address: null });
  });

  it('refuses to look for what it never records', async () => {
    const response = await api.call('GET', '/api/audit?action=stream.creat', { bearer: admin.token });
    expect(response.status).toBe(400);
    expect(JSON.stringify(await response.json())).toContain('stream.create');
  });

  it('is read by admins only, in pages', async () => {
    const { token: viewer } = await api.apiToken('viewer');
    expect((await api.call('GET', '/api/audit', { bearer: viewer })).status).toBe(403);
    const all = (await read('?limit=1000')).items;
    const paged: AuditEntryWire[] = [];
    for (let after = ''; ;) {
      const page = await read(`?limit=3${after}`);
      paged.push(...page.items);
      if (page.next === null) break;
      after = `&after=${page.next}`;
    }
    expect(paged).toEqual(all);
    expect((await read('?order=asc&limit=1000')).items).toEqual([...all].reverse());
    expect((await read(`?from=${all[0]?.at}&limit=1000`)).items.map(({ id }) => id)).toContain(all[0]?.id);
    expect((await read('?to=1970-01-02T00:00:00Z')).items).toEqual([]);
  });

  it('is printed by `vedette audit`', async () => {
    const printed: string[] = [];
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => printed.push(String(text)) > 0);
    const command = auditCommand((work) => work(api.app.get(AuditLog)));
    await command.parseAsync(['--action', 'token.create', '--limit', '2'], { from: 'user' });
    expect(printed.join('').split('\n')).toEqual([
      expect.stringMatching(/^when +who +from +did +to +detail$/),
      expect.stringContaining('token.create'),
      expect.stringContaining('127.0.0.1'),
      '',
    ]);
    await expect(command.parseAsync(['--limit', '0'], { from: 'user' })).rejects.toMatchObject({ code: 'VD_API_INVALID' });
  });
});
