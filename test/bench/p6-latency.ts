import { readFileSync } from 'node:fs';
import { isVideoFrame, readFlv, type FlvTag } from '../../src/adapters/rtmp/testing/flv-reader.js';
import { RtmpClient } from '../../src/adapters/rtmp/testing/rtmp-client.js';
import { makeBarcodeClip } from '../../src/core/plugin-testing/index.js';
import { FeedClient } from '../e2e/support/feed-client.js';
import { startVedette } from '../e2e/support/vedette-process.js';
import { waitFor } from '../e2e/support/wait-for.js';
import { median, quantile } from './quantiles.js';

const FPS = 25;
const SEGMENT_SECONDS = 2;
const CLIP_SECONDS = 60;

export interface LatencyFigures {
  readonly frames: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  /** Decode and analysis of one segment, median. */
  readonly workMs: number;
  readonly p50Ratio: number;
  readonly p95Ratio: number;
}

/**
 * P6: from a frame's last byte leaving the publisher to its result arriving on a WebSocket, against what the segment itself
 * costs: half a segment plus the work on it for the median, a whole one for the 95th percentile. A frame carries its number
 * as a barcode, an analyzer reads it, so that no clock but this process's is asked.
 */
export async function runP6(): Promise<LatencyFigures> {
  const vedette = await startVedette({ barcode: true });
  try {
    const clip = vedette.scratch('latency.flv');
    await makeBarcodeClip(clip, {
      frames: FPS * CLIP_SECONDS,
      fps: FPS,
      widthPx: 1280,
      heightPx: 720,
      gop: FPS * SEGMENT_SECONDS,
      bframes: 0,
      audio: false,
    });
    const arrivals = new Map<number, number>();
    const workMs: number[] = [];
    const feed = await new FeedClient(vedette.apiUrl, vedette.api.cookie, [`stream:${vedette.streamId}`], (message) => {
      const now = performance.now();
      if (message.type !== 'run.finished' || message.run.analyzerId !== 'barcode') return;
      workMs.push(message.run.wallMs ?? Number.NaN);
      for (const metric of message.metrics) if (metric.name === 'frame-index') arrivals.set(metric.value, now);
    }).open();
    const sent = await publishPaced(readFlv(readFileSync(clip)), vedette.ports.rtmp, vedette.streamKey);
    await waitFor('the results of every frame', () => arrivals.size === FPS * CLIP_SECONDS, 30_000);
    feed.close();
    // The first segments carry the start of the epoch: what is judged is the flow after it.
    const latencies = [...arrivals]
      .filter(([index]) => index >= FPS * SEGMENT_SECONDS * 3 && index < FPS * (CLIP_SECONDS - SEGMENT_SECONDS))
      .map(([index, at]) => at - sent[index]!);
    const work = median(workMs.slice(3));
    const p50Ms = quantile(latencies, 0.5);
    const p95Ms = quantile(latencies, 0.95);
    const segmentMs = SEGMENT_SECONDS * 1000;
    return {
      frames: latencies.length,
      p50Ms,
      p95Ms,
      workMs: work,
      p50Ratio: p50Ms / (segmentMs / 2 + work),
      p95Ratio: p95Ms / (segmentMs + work),
    };
  } finally {
    await vedette.stop();
  }
}

/** Sends each tag at its time. @returns when each picture was sent, by its number */
async function publishPaced(tags: readonly FlvTag[], port: number, key: string): Promise<number[]> {
  const client = await RtmpClient.open(port);
  await client.publish('live', key);
  const sent: number[] = [];
  const start = performance.now();
  for (const tag of tags) {
    const dueMs = start + tag.timestampMs - performance.now();
    if (dueMs > 1) await new Promise((resolve) => setTimeout(resolve, dueMs));
    client.sendTag(tag);
    if (isVideoFrame(tag)) sent.push(performance.now());
  }
  await client.close();
  return sent;
}
