import { mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ImportUploads } from '../../src/core/api/resources/import-uploads.js';
import { ImportStore } from '../../src/core/persistence/imports/import-store.js';
import { PluginRegistry } from '../../src/core/plugin-host/plugin-registry.js';
import { importWire, type ImportWire } from '../../src/core/wire/imports.wire.js';
import { pageOf, problemWire } from '../../src/core/wire/wire.js';
import { ApiApp } from '../support/api-app.js';
import { until } from '../support/until.js';

const BYTES = Buffer.from('not a film, but as long as one of ten bytes'.slice(0, 10));

describe('REST for imports', () => {
  let api: ApiApp;
  let cookie: string;
  let viewer: string;
  let folders: string;
  let streamId: string;
  beforeAll(async () => {
    folders = await mkdtemp(join(tmpdir(), 'vd-import-folders-'));
    api = await ApiApp.start({ imports: { folders: [folders], maxSize: '1MB' } });
    cookie = await api.signIn();
    viewer = (await api.apiToken('viewer')).token;
    streamId = await streamOf('file', 'archive');
  });
  afterAll(async () => {
    await api.stop();
    await rm(folders, { recursive: true, force: true });
  });

  async function streamOf(adapterId: string, name: string): Promise<string> {
    const response = await api.call('POST', '/api/streams', { cookie, body: { name, adapterId } });
    return ((await response.json()) as { id: string }).id;
  }
  const path = (rest = ''): string => `/api/streams/${streamId}/imports${rest}`;
  async function importOf(response: Promise<Response>): Promise<ImportWire> {
    const text = await (await response).text();
    return importWire.strict().parse(JSON.parse(text));
  }
  const create = (body: object = { name: 'a.mp4', sizeBytes: BYTES.length }): Promise<ImportWire> =>
    importOf(api.call('POST', path(), { cookie, body }));
  async function refusal(method: string, at: string, body?: object): Promise<[number, string]> {
    const response = await api.call(method, at, { cookie, body });
    return [response.status, problemWire.parse(await response.json()).code];
  }
  const put = (id: string, bytes: Uint8Array | Readable, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${api.url}${path(`/${id}/file`)}`, {
      method: 'PUT',
      headers: { cookie, origin: api.url, 'content-type': 'application/octet-stream', ...headers },
      body: (bytes instanceof Readable ? Readable.toWeb(bytes) : bytes) as BodyInit,
      duplex: 'half',
    } as RequestInit);
  const code = async (response: Response): Promise<[number, string]> => [response.status, problemWire.parse(await response.json()).code];
  const spool = (): Promise<string[]> => readdir(join(api.config.dataDir, 'imports'));

  it('takes a file whole, and queues it', async () => {
    const made = await create({ name: 'a.mp4', sizeBytes: BYTES.length, recordedAt: '2026-11-01T10:00:00+01:00' });
    expect(made).toMatchObject({ state: 'uploading', receivedBytes: 0, progress: 0, recordedAt: '2026-11-01T09:00:00.000Z' });
    expect(await importOf(put(made.id, BYTES))).toMatchObject({ id: made.id, state: 'queued', receivedBytes: BYTES.length });
    expect(await spool()).toContain(made.id);
    expect(await code(await put(made.id, BYTES))).toEqual([409, 'VD_IMPORT_STATE']);
  });

  it('takes a file in pieces, each behind the one before, and goes on after one that broke off', async () => {
    const { id } = await create();
    const piece = (from: number, to: number): Promise<Response> =>
      put(id, BYTES.subarray(from, to), { 'content-range': `bytes ${from}-${to - 1}/${BYTES.length}` });
    expect(await importOf(piece(0, 4))).toMatchObject({ state: 'uploading', receivedBytes: 4 });
    expect(await code(await piece(6, 10))).toEqual([409, 'VD_IMPORT_OFFSET']);
    expect(await code(await put(id, BYTES, { 'content-range': 'bytes 4-9/11' }))).toEqual([409, 'VD_IMPORT_OFFSET']);
    expect(await code(await put(id, BYTES, { 'content-range': 'bytes 4-' }))).toEqual([400, 'VD_API_INVALID']);
    expect(await importOf(piece(4, 10))).toMatchObject({ state: 'queued', receivedBytes: 10 });
  });

  it('leaves nothing of an upload of a whole file that is called off, or of another length', async () => {
    const { id } = await create({ name: 'large.mp4', sizeBytes: 1_000_000 });
    const controller = new AbortController();
    const endless = Readable.from(
      (async function* () {
        yield Buffer.alloc(1000);
        await until('the first bytes', async () => (await spool()).includes(id));
        controller.abort();
        throw new Error('called off');
      })(),
    );
    await expect(put(id, endless)).rejects.toThrow();
    await until('the file to go', async () => !(await spool()).includes(id));
    expect(await code(await put(id, BYTES))).toEqual([409, 'VD_IMPORT_OFFSET']);
    expect(await spool()).not.toContain(id);
    expect(await importOf(api.call('GET', path(`/${id}`), { cookie }))).toMatchObject({ state: 'uploading', receivedBytes: 0 });
  });

  it('refuses what is too large, what another kind of stream is to take, and what makes no sense', async () => {
    const other = await streamOf('rtmp', 'camera');
    expect(await refusal('POST', path(), { name: 'a', sizeBytes: 2_000_000 })).toEqual([413, 'VD_IMPORT_TOO_LARGE']);
    expect(await refusal('POST', path(), { name: 'a', sizeBytes: 0 })).toEqual([400, 'VD_API_INVALID']);
    expect(await refusal('POST', path(), { name: 'a', sizeBytes: 1, recordedAt: 'yesterday' })).toEqual([400, 'VD_API_INVALID']);
    expect(await refusal('POST', `/api/streams/${other}/imports`, { name: 'a', sizeBytes: 1 })).toEqual([
      409,
      'VD_IMPORT_NOT_A_FILE_STREAM',
    ]);
  });

  it('imports from its folders, and from nowhere else, whatever links say', async () => {
    await writeFile(join(folders, 'here.mp4'), BYTES);
    await symlink('/etc/hostname', join(folders, 'link.mp4'));
    const made = await create({ path: join(folders, 'here.mp4') });
    expect(made).toMatchObject({ name: 'here.mp4', state: 'queued', receivedBytes: 10, path: expect.stringMatching(/here\.mp4$/) });
    for (const wrong of ['/etc/hostname', join(folders, 'link.mp4'), join(folders, '../x'), join(folders, 'none.mp4'), folders, 'here.mp4'])
      expect(await refusal('POST', path(), { path: wrong }), wrong).toEqual([403, 'VD_IMPORT_PATH_REFUSED']);
  });

  it('pauses, resumes, cancels and deletes, and tells who did it', async () => {
    const { id } = await create();
    expect(await refusal('POST', path(`/${id}/pause`))).toEqual([409, 'VD_IMPORT_STATE']);
    await put(id, BYTES);
    expect(await importOf(api.call('POST', path(`/${id}/pause`), { cookie }))).toMatchObject({ state: 'paused' });
    expect(await importOf(api.call('POST', path(`/${id}/resume`), { cookie }))).toMatchObject({ state: 'queued' });
    const cancelled = await importOf(api.call('POST', path(`/${id}/cancel`), { cookie }));
    expect(cancelled).toMatchObject({ state: 'cancelled', finishedAt: expect.any(String) });
    expect(await spool()).not.toContain(id);
    expect(await refusal('POST', path(`/${id}/resume`))).toEqual([409, 'VD_IMPORT_STATE']);
    expect((await api.call('DELETE', path(`/${id}`), { cookie })).status).toBe(204);
    expect(await refusal('GET', path(`/${id}`))).toEqual([404, 'VD_API_NOT_FOUND']);
    const { rows } = await api.sql.query<{ action: string }>(`SELECT action FROM audit WHERE detail->>'importId' = $1 ORDER BY id`, [id]);
    expect(rows.map(({ action }) => action)).toEqual(['create', 'pause', 'resume', 'cancel', 'delete'].map((step) => `import.${step}`));
  });

  it('refuses more than can wait, and what there is no room for', async () => {
    const crowded = await streamOf('file', 'crowded');
    await api.sql.query(
      `INSERT INTO imports (id, stream_id, name, size_bytes, has_file, state, created_by)
        SELECT gen_random_uuid(), $1, 'a', 1, false, 'paused', 'test' FROM generate_series(1, 1000)`,
      [crowded],
    );
    const asked = { name: 'a', sizeBytes: 1 };
    expect(await refusal('POST', `/api/streams/${crowded}/imports`, asked)).toEqual([429, 'VD_IMPORT_TOO_MANY']);
    const config = {
      ...api.config,
      retention: { ...api.config.retention, disk: { ...api.config.retention.disk, floor: { bytes: 1e18 } } },
    };
    const uploads = new ImportUploads(api.app.get(ImportStore, { strict: false }), api.app.get(PluginRegistry), config);
    const created = uploads.create({ id: streamId, adapterId: 'file' }, asked, 'test');
    await expect(created).rejects.toMatchObject({ code: 'VD_IMPORT_NO_SPACE' });
  });

  it('deletes one that waits, with its file', async () => {
    const { id } = await create();
    await put(id, BYTES);
    expect((await api.call('DELETE', path(`/${id}`), { cookie })).status).toBe(204);
    expect(await spool()).not.toContain(id);
  });

  it('lists page by page, to viewers without paths, who may change nothing', async () => {
    const read = async (query: string) => {
      const response = await api.call('GET', path(query), { bearer: viewer });
      return pageOf(importWire.strict()).parse(await response.json());
    };
    const all = await read('');
    expect(all.items.length).toBeGreaterThan(2);
    expect(all.items.every((item) => item.path === null)).toBe(true);
    const first = await read('?limit=2');
    const rest = await read(`?limit=100&after=${first.next}`);
    expect([...first.items, ...rest.items]).toEqual(all.items);
    expect((await api.call('POST', path(), { bearer: viewer, body: { name: 'a', sizeBytes: 1 } })).status).toBe(403);
    expect((await api.call('POST', path(`/${all.items[0]!.id}/cancel`), { bearer: viewer })).status).toBe(403);
  });
});
