import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { createPool } from '../../src/core/persistence/pool.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { killTree } from '../e2e/support/process-tree.js';
import { waitFor } from '../e2e/support/wait-for.js';
import { createTestDatabase, type TestDatabase } from '../support/postgres.js';

const ROOT = resolve(import.meta.dirname, '../..');
const LEASE_MS = 10_000;

interface Node {
  readonly home: string;
  readonly id: () => string;
  readonly child: ChildProcess;
  output: string;
}

interface Epoch {
  ordinal: number;
  ingest_id: string;
  state: string;
  end_reason: string | null;
  segments: number;
}

describe('ingest nodes as processes of their own', () => {
  let database: TestDatabase;
  let sql: pg.Pool;
  const nodes: Node[] = [];
  beforeAll(async () => {
    database = await createTestDatabase();
    sql = createPool({ databaseUrl: database.url, size: 2, name: 'test', statementTimeoutMs: 30_000 });
  });
  afterAll(async () => {
    for (const { child } of nodes) killTree(child.pid!);
    await sql.end();
    await database.drop();
    for (const { home } of nodes) rmSync(home, { recursive: true, force: true });
  });

  function configOf(home: string, name: string): NodeJS.ProcessEnv {
    const file = join(home, 'vedette.config.yaml');
    writeFileSync(file, stringify({ ingest: { node: name }, plugins: [{ use: 'vedette/rtmp', enabled: false }] }));
    return { ...process.env, VEDETTE_CONFIG: file, DATABASE_URL: database.url, NO_COLOR: '1' };
  }

  function start(name: string, home = mkdtempSync(join(tmpdir(), 'vedette-node-'))): Node {
    const child = spawn(process.execPath, [join(ROOT, 'dist/main.js'), 'ingest'], {
      cwd: home,
      env: configOf(home, name),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const node: Node = { home, child, output: '', id: () => readFileSync(join(home, 'media/.ingest-id'), 'utf8').trim() };
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (node.output += String(chunk)));
    nodes.push(node);
    return node;
  }

  const epochs = async (): Promise<Epoch[]> =>
    (
      await sql.query<Epoch>(
        'SELECT ordinal, ingest_id, state, end_reason, (SELECT count(*)::int FROM segments s WHERE s.epoch_id = e.id) AS segments FROM ' +
          'epochs e ORDER BY ordinal',
      )
    ).rows;
  const ready = (node: Node) =>
    waitFor('the node', () => node.output.includes('ingest is ready'), 30_000).catch(() => Promise.reject(new Error(node.output)));

  it('follow one that was killed within its lease, and it resumes at once where nobody followed', async () => {
    const a = start('a');
    await ready(a);
    const config = '{"format":"lavfi","device":"testsrc","size":"160x96","gopSeconds":1}';
    const cli = promisify(execFile)(
      process.execPath,
      [join(ROOT, 'dist/cli/main.js'), 'stream', 'create', 'cam', '--adapter', 'webcam', '--config', config, '--node', 'A'],
      { cwd: a.home, env: configOf(a.home, 'a') },
    );
    expect((await cli).stdout).toContain('Stream cam is created');
    await waitFor('a segment', async () => (await epochs())[0]?.segments, 15_000);

    // Killed, and started again by whoever supervises it: its lease is good still.
    killTree(a.child.pid!);
    const restartedAtMs = performance.now();
    const again = start('a', a.home);
    await waitFor('the next epoch', async () => (await epochs()).some(({ ordinal, segments }) => ordinal === 1 && segments > 0), 15_000);
    expect(performance.now() - restartedAtMs).toBeLessThan(LEASE_MS);
    expect((await epochs())[0]).toMatchObject({ state: 'closed', end_reason: 'ingest-restarted' });

    const b = start('b');
    await ready(b);
    await sql.query(
      `WITH unpinned AS (UPDATE streams SET node = NULL RETURNING id) SELECT pg_notify('vedette_streams', id::text) FROM unpinned`,
    );
    await waitFor(
      'b to have been there for a lease',
      async () =>
        (await sql.query(`SELECT 1 FROM ingest_nodes WHERE name = 'b' AND started_at < now() - interval '11 seconds'`)).rowCount === 1,
      20_000,
    );
    killTree(again.child.pid!);
    const killedAtMs = performance.now();
    await waitFor(
      'b to run it',
      async () => (await epochs()).some(({ ordinal, ingest_id }) => ordinal === 2 && ingest_id === b.id()),
      30_000,
    );
    expect(performance.now() - killedAtMs).toBeLessThan(LEASE_MS + 6000);
    expect((await epochs())[1]).toMatchObject({ ingest_id: a.id(), state: 'closed', end_reason: 'ingest-lost' });

    // A second process with b's media folder is refused, and b goes on.
    const second = start('b', b.home);
    await waitFor('the refusal', () => second.child.exitCode, 20_000).catch((error: unknown) =>
      Promise.reject(new Error(`second: ${second.output}\nb: ${b.output.slice(-3_000)}`, { cause: error })),
    );
    expect(second.output).toContain('VD_INGEST_NODE_TAKEN');
    const [{ segments }] = (await epochs()).slice(2) as [Epoch];
    await waitFor('more segments of b', async () => (await epochs())[2]!.segments > segments, 15_000);
    expect((await epochs()).filter(({ state }) => state === 'open')).toHaveLength(1);
  }, 180_000);
});
