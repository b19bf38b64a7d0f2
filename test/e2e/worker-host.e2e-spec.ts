import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reservePort } from '../support/reserve-port.js';
import type { ExecutionStrategy, SegmentUrls, TaskOutcome } from '../../src/core/plugin-api/index.js';
import visualAnalysis from '../../src/plugins/visual-analysis/index.js';
import plugin from '../../src/plugins/strategy-remote-lan/index.js';
import { SegmentBench } from '../support/analysis/bench-of-segments.js';
import { FakePluginRegistry } from '../support/fakes/fake-plugin-registry.js';
import { jobFor, type SegmentedStream } from '../support/analysis/segments.js';
import { SilentLogger } from '../support/fakes/silent-logger.js';
import { processesWith } from './support/process-tree.js';
import { waitFor } from './support/wait-for.js';

const CLI = resolve(import.meta.dirname, '../../dist/cli/main.js');
const TOKEN = 'e2e-token-of-thirty-two-characters-or-more';
const { analyzers } = FakePluginRegistry.of([{ plugin: visualAnalysis }]);

/** The role as an operator starts it: a token, no database, no config file, no media folder. */
describe('vedette worker-host', () => {
  let bench: SegmentBench;
  let stream: SegmentedStream;
  let media: Server;
  let host: ChildProcess;
  let port: number;
  let output = '';
  let strategy: ExecutionStrategy;
  const asked: string[] = [];

  const environment = (): NodeJS.ProcessEnv => ({
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(VEDETTE_|DATABASE_URL|REDIS_URL)/.test(name))),
    NO_COLOR: '1',
  });
  const run = (...args: string[]): ChildProcess => {
    const child = spawn(process.execPath, [CLI, 'worker-host', ...args], {
      cwd: bench.path('elsewhere'),
      env: environment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const one of [child.stdout, child.stderr]) one.on('data', (chunk: Buffer) => (output += String(chunk)));
    return child;
  };

  beforeAll(async () => {
    bench = await SegmentBench.create();
    stream = await bench.stream('clip.ts', { frames: 40, fps: 10, widthPx: 320, heightPx: 180, gop: 10 }, 1);
    await mkdir(bench.path('elsewhere'));
    await writeFile(bench.path('token'), `${TOKEN}\n`);
    media = createServer((request, response) => {
      asked.push(request.url ?? '');
      createReadStream(join(bench.folder, new URL(request.url ?? '', 'http://x').pathname))
        .on('error', () => response.writeHead(404).end())
        .pipe(response);
    });
    await once(media.listen(0, '127.0.0.1'), 'listening');
    port = await reservePort();
    host = run('--token-file', bench.path('token'), '--listen', `127.0.0.1:${port}`, '--name', 'lent');
    const [, fingerprint] = await waitFor(
      'the worker host to be ready',
      () => Promise.resolve(/fingerprint=([0-9a-f]{64})/.exec(output)),
      60_000,
    );
    const urls: SegmentUrls = { sign: ({ path }) => Promise.resolve(`http://127.0.0.1:${(media.address() as AddressInfo).port}/${path}`) };
    const [definition] = plugin.strategies ?? [];
    const config: unknown = definition!.config.parse({ token: { file: 'x' }, hosts: [{ url: `https://127.0.0.1:${port}`, fingerprint }] });
    strategy = await definition!.create(
      config,
      urls,
      { read: () => TOKEN },
      { load: () => Promise.reject(new Error('no references')) },
      new SilentLogger(),
    );
  }, 120_000);
  afterAll(async () => {
    await strategy?.close?.();
    host?.kill('SIGKILL');
    media?.close();
    await bench?.close();
  });

  it('says what to write into the config of a worker', () => {
    expect(output).toContain(`hosts: [{ url: "https://127.0.0.1:${port}", fingerprint: "`);
    expect(output).not.toContain(TOKEN);
  });

  it('fetches segments by their addresses and gives the same results as a worker', async () => {
    const never = new AbortController().signal;
    const local = bench.pool();
    const essence = (tasks: readonly TaskOutcome[]): unknown =>
      tasks.map(({ cpuMs: _, ...task }: TaskOutcome & { cpuMs?: number }) => task);
    for (let sequence = 0; sequence < 2; sequence++) {
      const job = jobFor(stream, sequence, analyzers);
      expect(job.tasks.every((task) => strategy.supports(task))).toBe(true);
      const remote = await strategy.execute(job, never);
      expect(remote.executedBy).toMatch(/^lent: analysis-host \d+ on /);
      expect(essence(remote.tasks)).toEqual(essence((await local.execute(job, never)).tasks));
      expect(remote.tasks.flatMap((task) => ('results' in task ? task.results : [])).length).toBeGreaterThan(0);
    }
    expect(asked.length).toBeGreaterThan(0);
  }, 120_000);

  it('does not start on a port that is taken', async () => {
    const second = run('--token-file', bench.path('token'), '--listen', `127.0.0.1:${port}`);
    const [code] = (await once(second, 'exit')) as [number];
    expect(code).toBe(1);
    expect(output).toContain('VD_REMOTE_LISTEN');
  }, 60_000);

  it('ends on SIGTERM without leaving a process behind', async () => {
    const exited = once(host, 'exit');
    host.kill('SIGTERM');
    expect((await exited)[0]).toBe(0);
    await waitFor('its processes to be gone', () => Promise.resolve(processesWith(bench.path('token')).length === 0), 10_000);
  }, 60_000);
});
