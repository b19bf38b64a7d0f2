import { AnalysisBench } from './analysis-bench.js';
import { LiveSystem, whileMs } from './live-system.js';
import { NginxRtmp } from '../support/media/nginx-rtmp.js';
import { memoryBytesByPart, totalOf } from './process-parts.js';

const MEGABYTE = 2 ** 20;
const SETTLING_MS = 30_000;
const FROM = 8;
const TO = 32;
const TARGET_MB = 4;

/** P5: memory that each further stream takes in ingest, beside nginx-rtmp with HLS in the same run; nothing is analysed. */
export async function runP5Ingest(): Promise<string> {
  if (!NginxRtmp.isThere()) return 'P5   not measured: nginx with its RTMP module is not installed (libnginx-mod-rtmp)';
  const bench = await AnalysisBench.create();
  const [system, nginx] = [await LiveSystem.start(), await NginxRtmp.start()];
  try {
    const publish = async (count: number): Promise<{ ours: number; ingest: number; nginx: number }> => {
      await Promise.all([system.publish(bench.clip, count), nginx.publish(bench.clip, count)]);
      await whileMs(SETTLING_MS);
      const parts = memoryBytesByPart(system.pid);
      return { ours: totalOf(parts), ingest: parts.ingest + parts.packagers, nginx: totalOf(memoryBytesByPart(nginx.pid)) };
    };
    const [few, many] = [await publish(FROM), await publish(TO - FROM)];
    const slopeMb = (part: 'ours' | 'ingest' | 'nginx'): string => ((many[part] - few[part]) / (TO - FROM) / MEGABYTE).toFixed(2);
    return (
      `P5   ${slopeMb('ingest')} MB (target ≤ ${TARGET_MB})  A further stream's memory in ingest, ${FROM} to ${TO} streams; the whole program ` +
      `${slopeMb('ours')}, nginx-rtmp with HLS ${slopeMb('nginx')}`
    );
  } finally {
    await system.stop();
    await nginx.stop();
    await bench.close();
  }
}
