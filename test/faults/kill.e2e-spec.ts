import { once } from 'node:events';
import type { ChildProcess } from 'node:child_process';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { EpochWire, MetricWire, RunWire, SegmentWire } from '../../src/core/wire/wire.js';
import { makeBarcodeClip } from '../../src/core/plugin-testing/index.js';
import { FeedClient } from '../e2e/support/feed-client.js';
import { killTree } from '../e2e/support/process-tree.js';
import { startPublisher } from '../e2e/support/publisher.js';
import { startVedette, type VedetteProcess } from '../e2e/support/vedette-process.js';
import { waitFor } from '../e2e/support/wait-for.js';
import { deliverThrice } from './deliver-thrice.js';
import { checkInvariants } from './invariants.js';

const FPS = 25;
const CLIP_SECONDS = 40;

/** Pushes the clip like an encoder that reconnects: starts over whenever the connection breaks, until told to stop. */
class ReconnectingPublisher {
  private child: ChildProcess | null = null;
  private stopping = false;
  private readonly loop: Promise<void>;

  constructor(clip: string, url: string) {
    this.loop = (async () => {
      while (!this.stopping) {
        this.child = startPublisher(clip, url);
        await once(this.child, 'exit');
        if (!this.stopping) await new Promise((resolve) => setTimeout(resolve, 500));
      }
    })();
  }

  async stop(): Promise<void> {
    this.stopping = true;
    this.child?.kill('SIGTERM');
    await this.loop;
  }
}

describe('nothing is lost and nothing is told twice', () => {
  let vedette: VedetteProcess;
  let feed: FeedClient;
  let publisher: ReconnectingPublisher | null = null;
  let clip: string;

  beforeAll(async () => {
    vedette = await startVedette({ barcode: true });
    clip = vedette.scratch('clip.flv');
    await makeBarcodeClip(clip, { frames: FPS * CLIP_SECONDS, fps: FPS, widthPx: 320, heightPx: 180, gop: 25, bframes: 0, audio: true });
    feed = await new FeedClient(vedette.apiUrl, vedette.api.cookie, [`stream:${vedette.streamId}`]).open();
  }, 180_000);

  afterEach(() => publisher?.stop());
  afterAll(async () => {
    feed?.close();
    await vedette?.stop();
  }, 60_000);

  const segments = (): Promise<SegmentWire[]> => vedette.api.all(`/api/streams/${vedette.streamId}/segments`);
  const runs = (): Promise<RunWire[]> => vedette.api.all(`/api/streams/${vedette.streamId}/runs`);

  async function publishing(): Promise<void> {
    const before = (await segments()).length;
    publisher = new ReconnectingPublisher(clip, vedette.publishUrl);
    await waitFor('segments to come in', async () => (await segments()).length >= before + 2, 40_000);
  }

  async function goOnAndStop(): Promise<void> {
    const before = await waitFor('the API to answer', async () => ({ count: (await segments()).length }), 60_000).then(
      ({ count }) => count,
    );
    await waitFor('segments to come in after the fault', async () => (await segments()).length >= before + 3, 60_000);
    await publisher?.stop();
    publisher = null;
  }

  /** Every picture of every stored segment was read exactly once; every invariant holds; the feed told of every run once. */
  async function expectAllAccountedFor(options: { feedToo?: boolean } = {}): Promise<void> {
    await waitFor(
      'every epoch to be closed and every run to have ended',
      async () => {
        const epochs = await vedette.api.all<EpochWire>(`/api/streams/${vedette.streamId}/epochs`);
        const left = [
          ...epochs.filter(({ state }) => state !== 'closed').map(({ ordinal, state }) => `epoch ${ordinal} ${state}`),
          ...(await runs())
            .filter(({ state }) => ['queued', 'running'].includes(state))
            .map(({ analyzerId, segmentId, state, attempt }) => `run of ${analyzerId} on ${segmentId} ${state}, attempt ${attempt}`),
        ];
        // Told as the cause where the wait is in vain.
        if (left.length > 0) throw new Error(left.join('\n'));
        return true;
      },
      150_000,
      250,
    );
    const all = await segments();
    const metrics = await vedette.api.all<MetricWire>(`/api/streams/${vedette.streamId}/metrics?name=frame-index`);
    const ended = await runs();
    for (const segment of all) {
      const run = ended.find((r) => r.segmentId === segment.id && r.analyzerId === 'barcode');
      expect(run, `barcode run of ${segment.url}`).toBeDefined();
      if (segment.state === 'unreadable') {
        expect(run!.state).toBe('failed');
        continue;
      }
      expect(['done', 'partial'], `${segment.url}: ${run!.state} ${run!.errorMessage ?? run!.reason}`).toContain(run!.state);
      const read = metrics.filter((m) => m.runId === run!.id).sort((a, b) => a.ptsUs - b.ptsUs);
      if (run!.state === 'done') expect(read.length).toBe(segment.frameCount);
      // Consecutive frame numbers: none missing, none twice.
      expect(read.map((m) => m.value - read[0]!.value)).toEqual(read.map((_, index) => index));
    }
    const expectations = { idle: true, analyzers: ['visual-analysis', 'object-detection', 'barcode'] };
    expect(await checkInvariants(vedette.databaseUrl, { mediaDir: vedette.mediaDir, expectations })).toEqual([]);
    if (options.feedToo !== false) {
      const ids = new Set(ended.map((r) => r.id));
      await waitFor('the feed to tell of every run', () => new Set(feed.of('run.finished').map((m) => m.run.id)).size === ids.size, 20_000);
      const told = feed.of('run.finished').map((m) => m.run.id);
      expect(told.length).toBe(ids.size);
    }
  }

  it('survives kill -9 of an analysis host', async () => {
    await publishing();
    const host = vedette.role('analysis-host')[0]!;
    process.kill(host.pid, 'SIGKILL');
    await goOnAndStop();
    await expectAllAccountedFor();
  }, 240_000);

  it('survives kill -9 of the worker', async () => {
    await publishing();
    process.kill(vedette.role('worker')[0]!.pid, 'SIGKILL');
    await goOnAndStop();
    await expectAllAccountedFor();
  }, 240_000);

  it('changes nothing when every job is delivered three times', async () => {
    await publishing();
    const queues = { databaseUrl: vedette.databaseUrl, names: ['visual_analysis', 'default'] };
    const copies = await deliverThrice(queues, vedette.streamId, goOnAndStop);
    expect(copies).toBeGreaterThan(0);
    await expectAllAccountedFor();
  }, 240_000);

  it('survives kill -9 of the ingest role', async () => {
    await publishing();
    process.kill(vedette.role('ingest')[0]!.pid, 'SIGKILL');
    await goOnAndStop();
    await expectAllAccountedFor();
  }, 240_000);

  it('survives kill -9 of the database server', async () => {
    await publishing();
    const { pid } = vedette.postmaster;
    killTree(pid);
    await waitFor('another database server', () => vedette.postmaster.pid !== pid, 60_000);
    await goOnAndStop();
    await expectAllAccountedFor();
  }, 240_000);

  it('survives kill -9 of the whole program', async () => {
    await publishing();
    killTree(vedette.child.pid!);
    feed.close();
    await publisher?.stop();
    const { home, ports } = vedette;
    vedette = await startVedette({ barcode: true, home, ports });
    await publishing();
    await goOnAndStop();
    await expectAllAccountedFor({ feedToo: false });
  }, 300_000);
});
