import { randomUUID } from 'node:crypto';
import type { INestApplicationContext } from '@nestjs/common';
import { IngestLedger } from '../../../src/core/persistence/ledger/ingest-ledger.js';
import { type LaneTurn, RunLedger, type Settlement } from '../../../src/core/persistence/ledger/run-ledger.js';
import { StreamStore } from '../../../src/core/persistence/streams/stream-store.js';
import { Box, type AnalysisResult } from '../../../src/core/plugin-api/index.js';
import { numbersFrom } from '../../support/numbers-from.js';
import type { RecordedRun, RecordedSegment } from './recording.js';

/** Further from what was recorded each time, so that nothing is there twice: as much as a hand-held camera would. */
const SPREAD = 0.02;
const HOUR_US = 3_600_000_000;
const OWNER = 'bench-worker';
const SEGMENTS_AT_ONCE = 30;

/** An hour of what was recorded, over and over, through the ledger as ingest and workers write it: registered, claimed, committed. */
export async function writeHour(app: INestApplicationContext, recorded: readonly RecordedSegment[], startedAtMs: number): Promise<string> {
  const ingest = app.get(IngestLedger, { strict: false });
  const name = `hour-${randomUUID().slice(0, 8)}`;
  const { id: streamId } = await app.get(StreamStore, { strict: false }).create({ name, title: name, adapterId: 'rtmp' });
  const epochId = randomUUID();
  await ingest.openEpoch({ streamId, epochId, startedAtMs, ingestId: 'bench' });
  await ingest.setEpochMedia(epochId, { videoCodec: 'h264', audioCodec: 'aac', widthPx: 1280, heightPx: 720, ptsOriginUs: 0 });
  const analyzers = recorded[0]!.runs.map(({ queue, analyzerId, analyzerVersion, configHash }) => ({
    queue,
    analyzerId,
    analyzerVersion,
    configHash,
  }));
  let ptsUs = 0;
  for (let sequence = 0; ptsUs < HOUR_US;) {
    const segments = [];
    for (; segments.length < SEGMENTS_AT_ONCE && ptsUs < HOUR_US; sequence++) {
      const { lengthUs, sizeBytes, frameCount } = recorded[sequence % recorded.length]!;
      const path = `${streamId}/${epochId}/${String(sequence).padStart(6, '0')}.ts`;
      segments.push({
        sequence,
        path,
        sizeBytes,
        frameCount,
        state: 'ready' as const,
        ptsStartUs: ptsUs,
        ptsEndUs: ptsUs + lengthUs,
        keyframePtsUs: [ptsUs],
      });
      ptsUs += lengthUs;
    }
    await ingest.registerSegments(epochId, segments, analyzers);
    await Promise.all([...new Set(analyzers.map(({ queue }) => queue))].map((queue) => workLane(app, streamId, queue, recorded)));
  }
  await ingest.closeEpoch(epochId, 'over');
  return streamId;
}

/** As a worker works a lane, without the analysis. */
async function workLane(
  app: INestApplicationContext,
  streamId: string,
  queue: string,
  recorded: readonly RecordedSegment[],
): Promise<void> {
  const ledger = app.get(RunLedger, { strict: false });
  let turn: LaneTurn = await ledger.enter({ streamId, queue }, OWNER);
  while (turn.kind === 'claimed' || turn.kind === 'again') {
    if (turn.kind === 'claimed') {
      const { segment, runs } = turn.work;
      const was = recorded[segment.sequence % recorded.length]!;
      const settlements = runs.map(({ runId, attempt, analyzerId }) =>
        settlementOf(
          runId,
          attempt,
          was.runs.find((run) => run.analyzerId === analyzerId)!,
          segment.ptsStartUs,
        ),
      );
      const settled = await ledger.settle(OWNER, turn.work, settlements);
      for (const run of settled.values()) if (run.state === 'failed') throw new Error(`A recorded run was refused: ${run.message}`);
    }
    turn = await ledger.advance(turn.lane, OWNER);
  }
}

function settlementOf(runId: string, attempt: number, run: RecordedRun, fromUs: number): Settlement {
  const { strategy, strategyReason, executedBy, wallMs, decodeCpuMs, framesSeen, framesExpected, cpuMs } = run;
  const place = {
    runId,
    attempt,
    strategy: strategy ?? 'local',
    strategyReason: strategyReason ?? 'preferred',
    executedBy: executedBy ?? 'host',
    wallMs,
    decodeCpuMs,
  };
  if (run.state === 'skipped') return { ...place, state: 'skipped', reason: run.reason ?? '' };
  if (run.state !== 'done' && run.state !== 'partial')
    throw new Error(`A recorded run of ${run.analyzerId} is ${run.state}: ${run.reason}`);
  // What was told of before the first segment has no media here.
  const next = numbersFrom(Number(runId));
  const results = run.results.map((result) => varied(result, Math.max(0, fromUs + result.ptsUs), next));
  return { ...place, state: run.state, ...(run.reason === null ? {} : { reason: run.reason }), framesSeen, framesExpected, cpuMs, results };
}

/** As it was recorded, with other numbers of the same kind: what was nought, whole or has few decimals is so again. */
function varied(result: AnalysisResult, ptsUs: number, next: () => number): AnalysisResult {
  const vary = (value: number): number => {
    const decimals = /\.(\d+)$/.exec(String(value))?.[1]?.length ?? 0;
    const other = value * (1 + (next() - 0.5) * SPREAD);
    return decimals === 0 ? value : decimals <= 6 ? Number(other.toFixed(decimals)) : other;
  };
  if (result.type === 'metric') return { ...result, ptsUs, value: vary(result.value) };
  if (result.type !== 'detection') return { ...result, ptsUs };
  const { x, y, width, height } = result.box;
  const share = (value: number, most: number): number => Math.min(most, Math.max(0, vary(value)));
  const [left, top] = [share(x, 1), share(y, 1)];
  return { ...result, ptsUs, score: share(result.score, 1), box: Box.from01(left, top, share(width, 1 - left), share(height, 1 - top)) };
}
