import type { ChildProcess } from 'node:child_process';
import { copyFile, mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { processTree } from '../e2e/support/process-tree.js';
import { startPublisher } from '../e2e/support/publisher.js';
import { startVedette } from '../e2e/support/vedette-process.js';
import { waitFor } from '../e2e/support/wait-for.js';
import { AnalysisBench, type FloorPick } from './analysis-bench.js';
import { cpuSecondsOf } from './paired-ratio.js';

const STREAMS = 4;
const MEASURED_MS = 60_000;
const SETTLED_SEGMENTS = 3;

/**
 * As P1 and P2, but everything counts: ingest, packagers, PostgreSQL, queues, worker and API, with four live streams of 720p30
 * by RTMP. The publishers do not count. What is fixed (an idle database, timers) is shared by the streams there are.
 */
export async function runWholeSystem(): Promise<string[]> {
  const bench = await AnalysisBench.create();
  try {
    const lines: string[] = [];
    for (const [pick, what] of [
      ['keyframes', 'keyframes'],
      ['fps=5', '5 fps'],
    ] as const) {
      const floorS = (await bench.decodeFloor(pick)) + (await (await bench.inferenceFloor(pick))());
      const { cpuS, states } = await measure(bench, pick);
      lines.push(
        `all  ${(cpuS / floorS).toFixed(2)} (no target)  ${cpuS.toFixed(2)} ÷ ${floorS.toFixed(2)} CPU-s per stream-minute  Everything from RTMP to WebSocket, ${STREAMS} streams, ${what}; runs ${states}`,
      );
    }
    return lines;
  } finally {
    await bench.close();
  }
}

async function measure(bench: AnalysisBench, pick: FloorPick): Promise<{ cpuS: number; states: string }> {
  const home = await mkdtemp(join(tmpdir(), 'vedette-bench-system-'));
  const config = { model: 'bench.onnx', ...(pick === 'keyframes' ? { keyframesOnly: true } : {}) };
  await mkdir(join(home, 'data', 'models'), { recursive: true });
  await copyFile(bench.model, join(home, 'data', 'models', 'bench.onnx'));
  const vedette = await startVedette({
    home,
    plugins: [
      { use: 'vedette/visual-analysis', enabled: false },
      { use: 'vedette/object-detection', analyzers: { 'object-detection': { config } } },
    ],
  });
  const publishers: ChildProcess[] = [];
  try {
    const ids: string[] = [];
    for (let i = 0; i < STREAMS; i++) {
      const { id, key } = await vedette.api.post<{ id: string; key: { key: string } }>('/api/streams', {
        name: `bench-${i}`,
        title: `Bench ${i}`,
        adapterId: 'rtmp',
      });
      ids.push(id);
      publishers.push(startPublisher(bench.clip, `${vedette.rtmpUrl}/${key.key}`, { loop: true }));
    }
    for (const id of ids) {
      await waitFor(
        'segments of every stream',
        async () => (await vedette.api.get(`/api/streams/${id}/segments?limit=10`)).items.length >= SETTLED_SEGMENTS,
        60_000,
      );
    }
    const cpu = (): number => processTree(vedette.child.pid!).reduce((sum, { pid }) => sum + orZero(() => cpuSecondsOf(pid)), 0);
    const [before, startedAtMs] = [cpu(), performance.now()];
    await new Promise((resolve) => setTimeout(resolve, MEASURED_MS));
    const spentS = cpu() - before;
    const streamMinutes = (STREAMS * (performance.now() - startedAtMs)) / 60_000;
    const counts = new Map<string, number>();
    for (const id of ids) {
      for (const { state } of await vedette.api.all<{ state: string }>(`/api/streams/${id}/runs`))
        counts.set(state, (counts.get(state) ?? 0) + 1);
    }
    return { cpuS: spentS / streamMinutes, states: [...counts].map(([state, count]) => `${count} ${state}`).join(', ') };
  } finally {
    for (const publisher of publishers) publisher.kill('SIGKILL');
    await vedette.stop();
  }
}

/** A process that has just ended tells nothing. */
function orZero(read: () => number): number {
  try {
    return read();
  } catch {
    return 0;
  }
}
