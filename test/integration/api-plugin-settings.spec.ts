import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readPluginSettings } from '../../src/core/persistence/settings/read-plugin-settings.js';
import type { InstalledPluginWire, PluginDetailWire, SettingsChangeWire } from '../../src/core/wire/plugins.wire.js';
import type { ProblemWire, SystemWire } from '../../src/core/wire/wire.js';
import { ApiApp } from '../support/api-app.js';

const LOOK = 'vedette.test.look';
const minScore = (value: unknown) => ({ analyzers: { [LOOK]: { config: { minScore: value } } } });

describe('settings of plugins by REST', () => {
  let api: ApiApp;
  let admin: string;
  let viewer: string;
  beforeAll(async () => {
    api = await ApiApp.start();
    admin = (await api.apiToken('admin')).token;
    viewer = (await api.apiToken('viewer')).token;
  });
  afterAll(() => api.stop());
  beforeEach(async () => {
    await api.sql.query('TRUNCATE plugin_setting_changes, instances');
  });

  const call = async <T>(
    method: string,
    path: string,
    body?: unknown,
    bearer = admin,
  ): Promise<{ status: number; body: T & ProblemWire }> => {
    const response = await api.call(method, `/api/plugins/${path}`, { bearer, ...(body === undefined ? {} : { body }) });
    return { status: response.status, body: (await response.json()) as T & ProblemWire };
  };
  const one = async (id = 'vedette.test'): Promise<PluginDetailWire> => (await call<PluginDetailWire>('GET', id)).body;
  const installed = async (id: string, bearer = admin): Promise<InstalledPluginWire> => {
    const { body } = await call<{ items: InstalledPluginWire[] }>('GET', 'installed', undefined, bearer);
    return body.items.find((plugin) => plugin.id === id)!;
  };
  const write = (settings: object, revision: string | null = null, id = 'vedette.test') =>
    call<PluginDetailWire>('PUT', `${id}/settings`, { settings, revision });
  const process = (role: string, revision: string | null, faults: object[] = []): Promise<unknown> =>
    api.sql.query(`INSERT INTO instances (id, role, host, pid, version, detail) VALUES ($1, $1, 'box', 1, '1', $2::jsonb)`, [
      role,
      JSON.stringify(revision === null ? {} : { settings: { revision, faults } }),
    ]);

  it('lists what is there, running or not', async () => {
    expect(await installed('vedette.test')).toMatchObject({
      use: 'vedette/test',
      version: '1.0.0',
      origin: 'built-in',
      state: 'loaded',
      api: { wanted: '^1.0.0', fits: true },
      enabled: { value: true, source: 'default' },
      contributes: { analyzers: 1, sources: 1, strategies: 1 },
      health: 'well',
      changed: null,
      restartNeeded: false,
    });
    expect(await installed('spare', viewer)).toMatchObject({
      version: '2.1.0',
      state: 'disabled',
      health: 'off',
      enabled: { value: false, source: 'default' },
    });
  });

  it('shows each option with its schema, its value, and where that is from', async () => {
    const { contributions, place, revision, settings } = await one();
    expect({ place, revision, settings }).toEqual({ place: '/etc/vedette.config.yaml', revision: null, settings: {} });
    expect(contributions.map(({ kind, id }) => `${kind} ${id}`)).toEqual([`analyzer ${LOOK}`, 'source rtmp', 'strategy local']);
    expect(contributions[0]).toMatchObject({
      schema: { properties: { minScore: { type: 'number', maximum: 1, description: 'Least score that counts' } } },
      options: { minScore: { value: 0.5, source: 'default' }, labels: { value: ['cat'], source: 'default' } },
      secrets: ['token'],
      enabled: { value: true, source: 'default' },
      streams: { value: ['*'], source: 'default' },
    });
    expect(contributions[0]!.options).not.toHaveProperty('token');
    expect(contributions[1]!.options).toEqual({ port: { value: 1936, source: 'file' } });
    expect(await call('GET', 'vedette.test', undefined, viewer)).toMatchObject({ status: 403 });
    expect(await call('GET', 'nothing')).toMatchObject({ status: 404, body: { code: 'VD_API_NOT_FOUND' } });
  });

  it('keeps what is set, on record, and gives it to roles that start', async () => {
    const { status, body } = await write({ analyzers: { [LOOK]: { streams: ['door'], config: { minScore: 0.8 } } } });
    expect([status, body.contributions[0]]).toMatchObject([
      200,
      { options: { minScore: { value: 0.8, source: 'dashboard' } }, streams: { value: ['door'], source: 'dashboard' } },
    ]);
    const stored = await readPluginSettings(api.database.url);
    expect(stored.revision).toBe(body.revision);
    expect(stored.plugins.get('vedette/test')).toEqual({ analyzers: { [LOOK]: { streams: ['door'], config: { minScore: 0.8 } } } });
    const { rows } = await api.sql.query(`SELECT target, detail FROM audit WHERE action = 'plugin.configure' ORDER BY id DESC LIMIT 1`);
    expect(rows).toEqual([{ target: 'vedette/test', detail: { revision: body.revision, keys: ['analyzers'] } }]);
    expect((await installed('vedette.test')).changed).toMatchObject({ by: expect.stringContaining('admin') });
  });

  it('refuses values field by field, and keeps nothing of them', async () => {
    const bad = await write(minScore(3));
    expect(bad).toMatchObject({
      status: 400,
      body: {
        code: 'VD_PLUGIN_SETTINGS_INVALID',
        errors: [{ path: `analyzers["${LOOK}"].config.minScore`, message: 'expected at most 1, got 3' }],
      },
    });
    expect((await write({ analyzers: { [LOOK]: { config: { minScor: 0.3 } } } })).body.errors).toEqual([
      { path: `analyzers["${LOOK}"].config.minScor`, message: 'is not an option; did you mean minScore?' },
    ]);
    expect((await write({ analyzers: { other: { enabled: true } } })).body.errors).toMatchObject([{ path: 'analyzers.other' }]);
    expect((await write({ analyzers: { [LOOK]: { when: 'motion' } } })).body).toMatchObject({
      code: 'VD_PLUGIN_SETTINGS_INVALID',
      errors: [{ path: '', message: expect.stringContaining('there is no gate "motion"') }],
    });
    expect((await write({ use: './evil.js' })).body).toMatchObject({ code: 'VD_API_INVALID' });
    expect(await one()).toMatchObject({ revision: null, settings: {} });
  });

  it('leaves to the file what is set there, and secrets', async () => {
    const locked = await write({ sources: { rtmp: { port: 1999 } } });
    expect(locked).toMatchObject({
      status: 409,
      body: { code: 'VD_PLUGIN_SETTINGS_LOCKED', errors: [{ path: 'sources.rtmp.port', message: 'set in /etc/vedette.config.yaml' }] },
    });
    expect((await write({ analyzers: { [LOOK]: { config: { token: 'abc' } } } })).body).toMatchObject({
      code: 'VD_PLUGIN_SETTINGS_LOCKED',
      errors: [{ message: 'is a secret' }],
    });
  });

  it('lets nobody write over what they have not seen', async () => {
    const first = await write(minScore(0.7));
    expect(await write(minScore(0.6))).toMatchObject({ status: 409, body: { code: 'VD_PLUGIN_SETTINGS_CHANGED' } });
    expect(await write(minScore(0.6), first.body.revision)).toMatchObject({ status: 200 });
    expect(await call('PUT', 'vedette.test/settings', { settings: {}, revision: null }, viewer)).toMatchObject({ status: 403 });
  });

  it('shows what was changed, and puts an earlier state in force again', async () => {
    const first = await write(minScore(0.7));
    const second = await write({ ...minScore(0.6), enabled: true }, first.body.revision);
    const { body } = await call<{ items: SettingsChangeWire[]; next: string | null }>('GET', 'vedette.test/changes?limit=1');
    expect(body.items).toMatchObject([
      {
        revision: second.body.revision,
        by: expect.stringContaining('admin'),
        changed: [
          { path: `analyzers["${LOOK}"].config.minScore`, before: 0.7, after: 0.6 },
          { path: 'enabled', after: true },
        ],
      },
    ]);
    const older = await call<{ items: SettingsChangeWire[]; next: string | null }>('GET', `vedette.test/changes?after=${body.next}`);
    expect(older.body).toMatchObject({ items: [{ revision: first.body.revision, changed: [{ after: 0.7 }] }], next: null });
    const restored = await call<PluginDetailWire>('POST', `vedette.test/changes/${first.body.revision}/restore`, {
      revision: second.body.revision,
    });
    expect(restored.body).toMatchObject({ settings: minScore(0.7) });
    const [newest] = (await call<{ items: SettingsChangeWire[] }>('GET', 'vedette.test/changes')).body.items;
    expect(newest).toMatchObject({ restores: first.body.revision });
    expect(await call('POST', 'vedette.test/changes/999/restore', { revision: null })).toMatchObject({ status: 404 });
  });

  it('asks for a restart while some process runs with something else, and says which', async () => {
    const { body } = await write(minScore(0.7));
    await process('api', body.revision);
    await process('worker', '0');
    expect((await one()).roles).toEqual([
      { role: 'api', host: 'box', isCurrent: true },
      { role: 'worker', host: 'box', isCurrent: false },
    ]);
    expect(await installed('vedette.test')).toMatchObject({ restartNeeded: true });
    expect(await installed('spare')).toMatchObject({ restartNeeded: false });
    // What is taken back asks for nothing.
    await write({}, body.revision);
    await api.sql.query(`DELETE FROM instances WHERE role = 'api'`);
    expect(await installed('vedette.test')).toMatchObject({ restartNeeded: false });
  });

  it('says where problems are told that a process left settings out', async () => {
    await process('worker', '1', [{ use: 'vedette/test', message: 'analyzers: expected keys' }]);
    const system = (await (await api.call('GET', '/api/system', { bearer: admin })).json()) as SystemWire;
    expect(system.problems).toContain('worker on box runs without what is set here of vedette/test: analyzers: expected keys');
  });

  it('switches on what ships with Vedette and is not in the config', async () => {
    const on = await write({ enabled: true, analyzers: { 'spare.count': { config: { fps: 5 } } } }, null, 'spare');
    expect([on.status, on.body]).toMatchObject([200, { enabled: { value: true, source: 'dashboard' } }]);
    expect((await write({ enabled: true, analyzers: { 'spare.count': { config: { fps: 50 } } } }, on.body.revision, 'spare')).status).toBe(
      400,
    );
  });
});
