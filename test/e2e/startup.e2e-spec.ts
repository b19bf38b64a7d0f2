/// <reference lib="dom" />
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { chromium, type Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { DetectionWire } from '../../src/core/wire/wire.js';
import { filmPersons } from '../support/detection/persons.js';
import { reservePort } from '../support/reserve-port.js';
import { launchBrowser, signIn } from './support/browser.js';
import { processesWith } from './support/process-tree.js';
import { startPublisher } from './support/publisher.js';
import { spawnVedette, startVedette, type VedetteProcess } from './support/vedette-process.js';
import { waitFor } from './support/wait-for.js';

async function ended(vedette: VedetteProcess): Promise<number> {
  return waitFor('vedette to end', () => (vedette.child.exitCode === null ? null : { code: vedette.child.exitCode }), 60_000).then(
    (e) => e.code,
  );
}

describe('the first minute of a new user', () => {
  let vedette: VedetteProcess;
  let encoder: ChildProcess | undefined;
  let browser: Browser | undefined;
  beforeAll(async () => {
    vedette = await startVedette({ demo: true });
  }, 120_000);
  afterAll(async () => {
    encoder?.kill('SIGKILL');
    await browser?.close();
    await vedette?.stop();
  }, 60_000);

  it('shows a demo stream with results', async () => {
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
  }, 180_000);

  it('ends with persons on the dashboard, of what an encoder publishes, without configuration', async () => {
    const clip = vedette.scratch('persons.flv');
    await filmPersons(clip);
    encoder = startPublisher(clip, vedette.publishUrl, { loop: true });
    const seen = await waitFor(
      'persons on the stream',
      async () => {
        const { items } = await vedette.api.get<{ items: DetectionWire[] }>(`/api/streams/${vedette.streamId}/detections?limit=200`);
        const persons = items.filter(({ label }) => label === 'person');
        return persons.some(({ trackId }) => trackId !== null) && { persons, items };
      },
      60_000,
    );
    expect(new Set(seen.items.map(({ analyzerId }) => analyzerId))).toEqual(new Set(['object-detection']));
    expect(seen.persons.length).toBeGreaterThan(seen.items.length / 2);

    browser = await launchBrowser(chromium);
    const page = await browser.newPage();
    await signIn(page, vedette, '/streams/live');
    await page.waitForFunction(
      () => document.querySelector<HTMLElement>('[data-testid=overlay]')?.dataset['drawnLabels']?.includes('person') ?? false,
      undefined,
      { timeout: 60_000 },
    );
  }, 180_000);

  it('is over with Ctrl-C, which leaves no process behind', async () => {
    expect(await vedette.interrupt()).toBe(0);
    expect(processesWith(vedette.home)).toEqual([]);
  }, 60_000);
});

describe('vedette up', () => {
  const started: VedetteProcess[] = [];
  const keep = <T extends VedetteProcess>(vedette: T): T => {
    started.push(vedette);
    return vedette;
  };
  afterEach(async () => {
    for (const vedette of started.splice(0)) await vedette.stop();
  }, 60_000);

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
