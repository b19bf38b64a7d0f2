import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Box, type AnalysisResult } from '../../../src/core/plugin-api/index.js';
import type { DetectionWire, MetricWire, ObservationWire, RunWire, SegmentWire } from '../../../src/core/wire/wire.js';
import { startPublisher } from '../../e2e/support/publisher.js';
import { startVedette } from '../../e2e/support/vedette-process.js';
import { waitFor } from '../../e2e/support/wait-for.js';
import { filmPersons } from '../../support/detection/persons.js';
import { ffmpeg } from '../../support/media/ffmpeg.js';

const RECORDED_MS = 64_000;
/** The first seconds are of analyzers that know nothing yet, the last segment is cut short. */
const LEFT_OUT = { first: 2, last: 1 };

/** What became of one segment at one analyzer. */
export interface RecordedRun extends Pick<
  RunWire,
  'queue' | 'analyzerId' | 'analyzerVersion' | 'configHash' | 'state' | 'reason' | 'strategy' | 'strategyReason' | 'executedBy'
> {
  readonly framesSeen: number;
  readonly framesExpected: number;
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly decodeCpuMs: number;
  /** Times are from the segment's beginning. */
  readonly results: readonly AnalysisResult[];
}
export interface RecordedSegment extends Pick<SegmentWire, 'sizeBytes' | 'frameCount'> {
  readonly lengthUs: number;
  readonly runs: readonly RecordedRun[];
}

/** What the analyzers at their defaults, and motion, really find in a minute of each scene, by the whole program. */
export async function record(): Promise<ReadonlyMap<string, readonly RecordedSegment[]>> {
  const folder = mkdtempSync(join(tmpdir(), 'vedette-bench-ledger-'));
  const vedette = await startVedette({ plugins: [{ use: 'vedette/motion' }] });
  const publishers = [];
  try {
    const scenes = new Map([
      ['people who walk', await filmPeople(folder)],
      ['nothing happens', await filmNothing(folder)],
    ]);
    const streams = new Map<string, string>();
    for (const [scene, clip] of scenes) {
      const body = { name: `scene-${streams.size}`, title: scene, adapterId: 'rtmp' };
      const { id, key } = await vedette.api.post<{ id: string; key: { key: string } }>('/api/streams', body);
      streams.set(scene, id);
      publishers.push(startPublisher(clip, `${vedette.rtmpUrl}/${key.key}`, { loop: true }));
    }
    await new Promise((resolve) => setTimeout(resolve, RECORDED_MS));
    for (const publisher of publishers) publisher.kill('SIGKILL');
    const recorded = new Map<string, RecordedSegment[]>();
    for (const [scene, id] of streams) {
      const all = <T>(list: string): Promise<T[]> => vedette.api.all<T>(`/api/streams/${id}/${list}?limit=1000`);
      await waitFor(
        'all runs to end',
        async () => (await vedette.api.get(`/api/streams/${id}/runs?state=queued,running`)).items.length === 0,
        120_000,
      );
      const found = [
        ...(await all<DetectionWire>('detections')),
        ...(await all<MetricWire>('metrics')),
        ...(await all<ObservationWire>('observations')),
      ];
      recorded.set(scene, segmentsOf(await all<SegmentWire>('segments'), await all<RunWire>('runs'), found));
    }
    return recorded;
  } finally {
    for (const publisher of publishers) publisher.kill('SIGKILL');
    await vedette.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

const ENCODED = [
  '-c:v',
  'libx264',
  '-preset',
  'veryfast',
  '-pix_fmt',
  'yuv420p',
  '-r',
  '25',
  '-g',
  '50',
  '-keyint_min',
  '50',
  '-sc_threshold',
  '0',
];
const SOUND = ['-c:a', 'aac', '-ar', '48000', '-shortest'];

async function filmPeople(folder: string): Promise<string> {
  const [film, clip] = [join(folder, 'people.mp4'), join(folder, 'people-with-sound.mp4')];
  await filmPersons(film);
  const noise = 'anoisesrc=color=pink:amplitude=0.3,tremolo=f=0.5:d=0.8';
  await ffmpeg('-i', film, '-f', 'lavfi', '-i', noise, '-vf', 'scale=1280:720', ...ENCODED, ...SOUND, clip);
  return clip;
}

/** An empty room by night: a camera's noise, and a hum. */
async function filmNothing(folder: string): Promise<string> {
  const clip = join(folder, 'nothing.mp4');
  const picture = ['-f', 'lavfi', '-t', '20', '-i', 'color=c=0x303438:size=1280x720:rate=25,noise=alls=4:allf=t'];
  await ffmpeg(...picture, '-f', 'lavfi', '-i', 'sine=frequency=50,volume=-50dB', ...ENCODED, ...SOUND, clip);
  return clip;
}

function segmentsOf(
  segments: readonly SegmentWire[],
  runs: readonly RunWire[],
  found: readonly (DetectionWire | MetricWire | ObservationWire)[],
): RecordedSegment[] {
  const results = Map.groupBy(found, ({ runId }) => runId);
  return segments
    .toSorted((a, b) => a.sequence - b.sequence)
    .slice(LEFT_OUT.first, -LEFT_OUT.last)
    .map(({ id, sizeBytes, frameCount, ptsStartUs, ptsEndUs }) => ({
      ...{ sizeBytes, frameCount, lengthUs: ptsEndUs - ptsStartUs },
      runs: runs
        .filter(({ segmentId }) => segmentId === id)
        .map((run) => ({
          ...run,
          framesSeen: run.framesSeen ?? 0,
          framesExpected: run.framesExpected ?? 0,
          wallMs: run.wallMs ?? 0,
          cpuMs: run.cpuMs ?? 0,
          decodeCpuMs: run.decodeCpuMs ?? 0,
          results: (results.get(run.id) ?? [])
            .toSorted((a, b) => a.ordinal - b.ordinal)
            .map((row) => resultOf(row, row.ptsUs - ptsStartUs)),
        })),
    }));
}

function resultOf(row: DetectionWire | MetricWire | ObservationWire, ptsUs: number): AnalysisResult {
  if ('label' in row) {
    const { x, y, width, height } = row.box;
    const box = Box.from01(x, y, width, height);
    return {
      type: 'detection',
      ptsUs,
      label: row.label,
      score: row.score,
      box,
      ...said({ trackId: row.trackId, attributes: row.attributes }),
    } as AnalysisResult;
  }
  if ('unit' in row) return { type: 'metric', ptsUs, name: row.name, unit: row.unit, value: row.value };
  return { type: row.type, ptsUs, data: row.data } as AnalysisResult;
}

const said = (values: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null));
