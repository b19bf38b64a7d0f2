import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { reservePort } from '../support/reserve-port.js';
import { processesWith } from './support/process-tree.js';
import { spawnVedette, startVedette, type VedetteProcess } from './support/vedette-process.js';
import { waitFor } from './support/wait-for.js';

async function ended(vedette: VedetteProcess): Promise<number> {
  return waitFor('vedette to end', () => (vedette.child.exitCode === null ? null : { code: vedette.child.exitCode }), 60_000).then(
    (e) => e.code,
  );
}

describe('vedette up', () => {
  const started: VedetteProcess[] = [];
  const keep = <T extends VedetteProcess>(vedette: T): T => {
    started.push(vedette);
    return vedette;
  };
  afterEach(async () => {
    for (const vedette of started.splice(0)) await vedette.stop();
  }, 60_000);

  it('shows a demo stream with results, and Ctrl-C leaves no process behind', async () => {
    const vedette = keep(await startVedette({ demo: true }));
    const streams = await vedette.api.all<{ id: string; name: string }>('/api/streams');
    const demo = streams.find((stream) => stream.name === 'demo');
    expect(demo).toBeDefined();
    await waitFor('the demo stream to be live', async () => (await vedette.api.get(`/api/streams/${demo!.id}`)).state === 'live', 60_000);
    const labels = await waitFor(
      'detections in the demo stream',
      async () => {
        const page = await vedette.api.get(`/api/streams/${demo!.id}/detections?limit=200`);
        const found = new Set<string>(page.items.map((d: { label: string }) => d.label));
        return found.size >= 3 && found;
      },
      60_000,
    );
    expect(labels.size).toBeGreaterThanOrEqual(3);
    expect(await vedette.interrupt()).toBe(0);
    expect(processesWith(vedette.home)).toEqual([]);
  }, 180_000);

  it('reaps what a killed run left, and starts again with the same data', async () => {
    const first = keep(await startVedette({ demo: true }));
    const { home, ports } = first;
    const streamId = first.streamId;
    first.child.kill('SIGKILL');
    await once(first.child, 'exit');
    const second = keep(await startVedette({ home, ports }));
    expect(second.streamId).toBe(streamId);
    expect(second.streamKey).toBe(first.streamKey);
    const servers = processesWith(`${home}/data/postgres`);
    expect(servers.length).toBe(1);
    await second.interrupt();
    expect(processesWith(home)).toEqual([]);
  }, 240_000);

  it('refuses a second instance on the same data folder before touching anything', async () => {
    const first = keep(await startVedette());
    const second = keep(await spawnVedette({ home: first.home, ports: { api: await reservePort(), rtmp: await reservePort() } }));
    const code = await ended(second);
    expect(code).not.toBe(0);
    expect(second.output).toMatch(/VD_BOOT_ALREADY_RUNNING/);
    expect((await first.api.get('/api/streams')).items.length).toBeGreaterThan(0);
  }, 180_000);

  it.each(['api', 'rtmp'] as const)(
    'names the %s port that is taken and starts nothing',
    async (which) => {
      const holder = createServer();
      holder.listen(0, '127.0.0.1');
      await once(holder, 'listening');
      const taken = (holder.address() as { port: number }).port;
      const ports = { api: await reservePort(), rtmp: await reservePort(), [which]: taken };
      const vedette = keep(await spawnVedette({ ports }));
      const code = await ended(vedette);
      holder.close();
      expect(code).not.toBe(0);
      expect(vedette.output).toContain(String(taken));
      expect(vedette.output).toMatch(/VD_[A-Z_]*PORT[A-Z_]*/);
      expect(processesWith(vedette.home)).toEqual([]);
    },
    90_000,
  );

  it('says which config key is wrong, where, and how to mend it', async () => {
    const vedette = keep(await spawnVedette({ config: { api: { port: 99_999 }, queus: {} } }));
    const code = await ended(vedette);
    expect(code).not.toBe(0);
    expect(vedette.output).toMatch(/VD_CONFIG_/);
    expect(vedette.output).toContain('queus');
    expect(vedette.output).toContain('api.port');
  }, 60_000);
});
