import type { ChildProcess } from 'node:child_process';
import { copyFile, mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FOUND_PER_FRAME } from './bench-model.js';
import { startPublisher } from '../e2e/support/publisher.js';
import { startVedette, type VedetteProcess } from '../e2e/support/vedette-process.js';
import { waitFor } from '../e2e/support/wait-for.js';

const SETTLED_SEGMENTS = 3;

export interface LiveSystemOptions {
  /** The model of object detection, the only analyzer; absent: nothing is analysed. */
  readonly model?: string;
  readonly keyframesOnly?: boolean;
}

export interface RunFigures {
  /** How many runs ended how. */
  readonly states: string;
  /** Of those that were done. */
  readonly resultsPerRun: number;
}

/** The whole program as a user starts it, with its own PostgreSQL, and live streams by RTMP. The publishers' processes are not its own. */
export class LiveSystem {
  private readonly publishers: ChildProcess[] = [];
  private readonly streams: { readonly id: string; readonly url: string }[] = [];

  private constructor(private readonly vedette: VedetteProcess) {}

  static async start({ model, keyframesOnly = false }: LiveSystemOptions = {}): Promise<LiveSystem> {
    const home = await mkdtemp(join(tmpdir(), 'vedette-bench-system-'));
    if (model !== undefined) {
      await mkdir(join(home, 'data', 'models'), { recursive: true });
      await copyFile(model, join(home, 'data', 'models', 'bench.onnx'));
    }
    const detection = { config: { model: 'bench.onnx', ...(keyframesOnly ? { keyframesOnly } : {}) } };
    return new LiveSystem(
      await startVedette({
        home,
        plugins: [
          { use: 'vedette/visual-analysis', enabled: false },
          { use: 'vedette/logo-detection', enabled: false },
          {
            use: 'vedette/object-detection',
            ...(model === undefined ? { enabled: false } : { analyzers: { 'object-detection': detection } }),
          },
        ],
      }),
    );
  }

  get pid(): number {
    return this.vedette.child.pid!;
  }

  /** Streams that wait for an encoder. */
  async configure(count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      const name = `bench-${this.streams.length}`;
      const body = { name, title: name, adapterId: 'rtmp' };
      const { id, key } = await this.vedette.api.post<{ id: string; key: { key: string } }>('/api/streams', body);
      this.streams.push({ id, url: `${this.vedette.rtmpUrl}/${key.key}` });
    }
  }

  /** Publishes the clip, over and over, to so many new streams, and waits until each has segments. */
  async publish(clip: string, count: number): Promise<void> {
    await this.configure(count);
    const added = this.streams.slice(-count);
    for (const { url } of added) this.publishers.push(startPublisher(clip, url, { loop: true }));
    for (const { id } of added) {
      await waitFor(
        'segments of every stream',
        async () => (await this.vedette.api.get(`/api/streams/${id}/segments?limit=10`)).items.length >= SETTLED_SEGMENTS,
        120_000,
      );
    }
  }

  /** Of all streams so far. @throws when not every run found what is there: what failed costs nothing, and so do results that are none */
  async runs(): Promise<RunFigures> {
    const counts = new Map<string, number>();
    let results = 0;
    for (const { id } of this.streams) {
      for (const { state, resultCount } of await this.vedette.api.all<{ state: string; resultCount: number | null }>(
        `/api/streams/${id}/runs`,
      )) {
        counts.set(state, (counts.get(state) ?? 0) + 1);
        results += resultCount ?? 0;
      }
    }
    const states = [...counts].map(([state, count]) => `${count} ${state}`).join(', ');
    const done = counts.get('done') ?? 0;
    if (done === 0 || counts.has('failed') || results < done * FOUND_PER_FRAME) throw new Error(`${results} results; runs ${states}`);
    return { states, resultsPerRun: results / done };
  }

  async stop(): Promise<void> {
    for (const publisher of this.publishers) publisher.kill('SIGKILL');
    await this.vedette.stop();
  }
}

/** What is measured is measured over a while, not at a moment. */
export const whileMs = (durationMs: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, durationMs));
