import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { defineSource, z } from 'vedette/plugin';
import { webcamConfigSchema } from '../../src/adapters/webcam/config.js';
import { WebcamSource } from '../../src/adapters/webcam/webcam-source.js';
import { loadConfig } from '../../src/core/config/load-config.js';
import { newStreamWire, streamDetailWire } from '../../src/core/wire/wire.js';
import { ApiApp } from '../support/api-app.js';
import { until } from '../support/until.js';
import { TestIngestNode } from './support/ingest-node.js';

/** A camera as the API's stand-in registry knows it, that gives real pictures. */
const camera = defineSource<{ device: string; fps: number }>({
  ...{ id: 'webcam', version: '1.0.0', title: 'Webcam', kind: 'stream' },
  config: z.strictObject({ device: z.string(), fps: z.number().default(10) }),
  create: () => {
    const source = new WebcamSource();
    return {
      open: ({ device, fps }, context, signal) =>
        source.open(webcamConfigSchema.parse({ format: 'lavfi', device, fps, size: '160x96', gopSeconds: 1 }), context, signal),
    };
  },
});

interface Epoch {
  ordinal: number;
  state: string;
  end_reason: string | null;
  segments: number;
}

describe('the desired state in the database', () => {
  let api: ApiApp;
  let cookie: string;
  let folder: string;
  const nodes: TestIngestNode[] = [];
  beforeAll(async () => {
    api = await ApiApp.start();
    cookie = await api.signIn();
    folder = await mkdtemp(join(tmpdir(), 'vd-supervision-'));
  });
  afterEach(async () => {
    await Promise.all(nodes.splice(0).map((node) => node.stop()));
    await api.sql.query('UPDATE streams SET enabled = false');
  });
  afterAll(async () => {
    await api.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function start(file?: string): Promise<TestIngestNode> {
    const config = file === undefined ? {} : { config: loadConfig({ env: { VEDETTE_CONFIG: file }, cwd: folder }) };
    const node = await TestIngestNode.start({ databaseUrl: api.database.url, name: 'one', sources: [camera], ...config });
    nodes.push(node);
    return node;
  }
  const epochs = async (streamId: string): Promise<Epoch[]> =>
    (
      await api.sql.query<Epoch>(
        `SELECT ordinal, state, end_reason, (SELECT count(*)::int FROM segments s WHERE s.epoch_id = e.id) AS segments
         FROM epochs e WHERE stream_id = $1 ORDER BY ordinal`,
        [streamId],
      )
    ).rows;
  const records = (streamId: string, ordinal = 0) =>
    until(`segments of epoch ${ordinal}`, async () => (await epochs(streamId))[ordinal]?.segments);
  /** Its segments grow, in the epoch that it had. */
  async function goesOn(streamId: string, ordinal = 0): Promise<void> {
    const before = (await epochs(streamId))[ordinal]?.segments ?? 0;
    await until('another segment', async () => ((await epochs(streamId))[ordinal]?.segments ?? 0) > before);
    expect(await epochs(streamId)).toHaveLength(ordinal + 1);
  }
  const patch = (id: string, body: object) => api.call('PATCH', `/api/streams/${id}`, { cookie, body });
  const detailOf = async (id: string) => streamDetailWire.parse(await (await api.call('GET', `/api/streams/${id}`, { cookie })).json());

  it('is followed stream by stream: what REST changes restarts that source, and no other', async () => {
    await start();
    const make = async (name: string): Promise<string> => {
      const body = { name, adapterId: 'webcam', sourceConfig: { device: 'testsrc' } };
      return newStreamWire.parse(await (await api.call('POST', '/api/streams', { cookie, body })).json()).id;
    };
    const [one, two] = [await make('one'), await make('two')];
    await Promise.all([one, two].map((id) => records(id)));
    expect((await patch(one, { sourceConfig: { device: 'testsrc', fps: 5 } })).status).toBe(200);
    await records(one, 1);
    expect(await epochs(one)).toMatchObject([
      { state: 'closed', end_reason: 'source-changed' },
      { state: 'open', end_reason: null },
    ]);
    await goesOn(two);
    expect((await patch(one, { title: 'Another title' })).status).toBe(200);
    await goesOn(one, 1);
    expect((await patch(one, { enabled: false })).status).toBe(200);
    await until('it to be stopped', async () => (await detailOf(one)).state === 'stopped');
    expect((await epochs(one))[1]).toMatchObject({ state: 'closed', end_reason: 'stream-disabled' });
    expect(await detailOf(one)).toMatchObject({ stateDetail: 'The stream is disabled' });
    await goesOn(two);
  });

  it('is followed from the config file, at the start and when the list changes, and there alone', async () => {
    const file = join(folder, 'vedette.config.yaml');
    const write = (streams: object[]) => writeFile(file, JSON.stringify({ streams }));
    const cam = (name: string, fps: number) => ({ name, adapter: 'webcam', config: { device: 'testsrc', fps } });
    await write([cam('yard', 10), cam('roof', 10), { ...cam('shed', 10), private: true, title: 'The shed' }]);
    await start(file);
    const idOf = async (name: string) =>
      (await api.sql.query<{ id: string }>('SELECT id FROM streams WHERE name = $1', [name])).rows[0]?.id ?? '';
    const [yard, roof, shed] = [await idOf('yard'), await idOf('roof'), await idOf('shed')];
    await Promise.all([yard, roof, shed].map((id) => records(id)));
    expect(await detailOf(shed)).toMatchObject({ title: 'The shed', private: true, declaredAt: `${file}: streams, shed` });
    for (const refused of [await patch(yard, { enabled: false }), await api.call('DELETE', `/api/streams/${yard}`, { cookie })])
      expect([refused.status, await refused.json()]).toEqual([
        409,
        expect.objectContaining({ code: 'VD_API_STREAM_DECLARED', detail: `Stream yard is declared in ${file}: streams, yard` }),
      ]);

    await write([cam('yard', 5), { ...cam('shed', 10), private: true, title: 'A shed' }, cam('attic', 10)]);
    await records(yard, 1);
    await records(await until('the new one', () => idOf('attic')));
    await until('the end', async () => (await detailOf(roof)).state === 'stopped');
    expect(await epochs(roof)).toMatchObject([{ state: 'closed', end_reason: 'stream-disabled' }]);
    await goesOn(shed);
    expect(await detailOf(shed)).toMatchObject({ title: 'A shed' });
    // What the file no longer declares is changed by REST again.
    expect(await detailOf(roof)).toMatchObject({ enabled: false, declaredAt: null });
    expect((await patch(roof, { title: 'The roof' })).status).toBe(200);

    await api.sql.query(`UPDATE streams SET declared_by = 'long gone' WHERE id = $1`, [shed]);
    expect((await patch(shed, { title: 'Nobody’s shed' })).status).toBe(200);

    await write([cam('yard', 5), cam('yard', 5)]);
    await until('the mistake to be told', () => nodes[0]?.logger.lines.some(({ message }) => message.includes('cannot be read')));
    await goesOn(yard, 1);
    const { rows } = await api.sql.query<{ action: string; actor: string }>(
      `SELECT action, actor FROM audit WHERE target = $1 AND actor LIKE 'config file%' ORDER BY id`,
      [yard],
    );
    expect(rows).toEqual(['stream.create', 'stream.update'].map((action) => ({ action, actor: 'config file of one' })));
  });
});
