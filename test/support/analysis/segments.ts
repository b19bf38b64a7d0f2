import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { probeSegment, type SegmentFacts } from '../../../src/core/decode/segment/index.js';
import type { AnalysisJob, AnalyzerTask, Checkpoint, JsonObject } from '../../../src/core/plugin-api/index.js';
import type { RegisteredAnalyzer } from '../../../src/core/plugin-host/plugin-registry.js';

const run = promisify(execFile);

/** A stream whose segments lie in a media folder as the packager would leave them. */
export interface SegmentedStream {
  readonly streamId: string;
  readonly epochId: string;
  readonly mediaDir: string;
  readonly facts: readonly SegmentFacts[];
}

/** Cuts a clip at keyframes, by stream copy, into MPEG-TS segments below `mediaDir`. */
export async function segmentClip(
  clip: string,
  mediaDir: string,
  segmentSeconds = 2,
  options: readonly string[] = [],
): Promise<SegmentedStream> {
  const [streamId, epochId] = [randomUUID(), randomUUID()];
  const folder = join(mediaDir, streamId, epochId);
  await mkdir(folder, { recursive: true });
  await run('ffmpeg', [
    ...['-v', 'error', '-nostdin', '-i', clip, '-c', 'copy', '-f', 'hls', '-hls_time', String(segmentSeconds), '-hls_list_size', '0'],
    ...[...options, '-hls_segment_filename', join(folder, '%06d.ts'), join(folder, 'index.m3u8')],
  ]);
  const files = (await readdir(folder)).filter((name) => name.endsWith('.ts')).sort();
  const facts: SegmentFacts[] = [];
  for (const file of files) facts.push(probeSegment(await readFile(join(folder, file)), facts.at(-1)?.ptsEndUs));
  return { streamId, epochId, mediaDir, facts };
}

export const segmentPath = ({ streamId, epochId }: SegmentedStream, sequence: number): string =>
  `${streamId}/${epochId}/${String(sequence).padStart(6, '0')}.ts`;

/** Replaces a segment's bytes. The facts it was registered with stay what they were, as after a fault of the disk. */
export async function damageSegment(stream: SegmentedStream, sequence: number, change: (bytes: Buffer) => Buffer): Promise<void> {
  const file = join(stream.mediaDir, segmentPath(stream, sequence));
  await writeFile(file, change(await readFile(file)));
}

/** The job a worker would make of a segment. */
export function jobFor(
  stream: SegmentedStream,
  sequence: number,
  analyzers: readonly (Pick<RegisteredAnalyzer, 'definition' | 'config' | 'configHash'> & Partial<RegisteredAnalyzer>)[],
  options: { readonly checkpoints?: Readonly<Record<string, Checkpoint | undefined>>; readonly lastOfEpoch?: boolean } = {},
): AnalysisJob {
  const facts = stream.facts[sequence];
  if (facts === undefined) throw new RangeError(`There is no segment ${sequence}`);
  const tasks = analyzers.map(({ definition, config, configHash, placement }): AnalyzerTask => ({
    runId: `${definition.id}-${sequence}`,
    attempt: 1,
    analyzerId: definition.id,
    analyzerVersion: definition.version,
    solves: definition.solves,
    config,
    configHash,
    ...(placement === undefined ? {} : { writtenConfig: placement.config as JsonObject }),
    ...(options.checkpoints?.[definition.id] ? { checkpoint: options.checkpoints[definition.id] } : {}),
  }));
  return {
    jobId: randomUUID(),
    queue: 'default',
    stream: {
      streamId: stream.streamId,
      streamName: 'test',
      epochId: stream.epochId,
      widthPx: facts.widthPx ?? 0,
      heightPx: facts.heightPx ?? 0,
      codec: facts.videoCodec ?? 'h264',
    },
    segment: {
      streamId: stream.streamId,
      epochId: stream.epochId,
      sequence,
      ptsStartUs: facts.ptsStartUs,
      ptsEndUs: facts.ptsEndUs,
      path: segmentPath(stream, sequence),
      nodeId: 'test',
      sizeBytes: facts.sizeBytes,
      frameCount: facts.frameCount,
      keyframeCount: facts.keyframePtsUs.length,
      ...(options.lastOfEpoch ? { lastOfEpoch: true } : {}),
    },
    tasks,
  };
}
