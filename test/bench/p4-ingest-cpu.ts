import { AnalysisBench } from './analysis-bench.js';
import { LiveSystem, whileMs } from './live-system.js';
import { NginxRtmp } from '../support/media/nginx-rtmp.js';
import { cpuSecondsByPart, minus, partsText, per, totalOf } from './process-parts.js';

const STREAM_COUNTS = [1, 8, 24, 48];
/** At 8 and 48 streams. */
const TARGET = 1.2;
const MEASURED_MS = 40_000;

/**
 * P4: CPU of taking streams in and cutting them into segments, against nginx-rtmp with HLS, both at the same time and of the same clip.
 * What stands in PostgreSQL of it counts; nothing is analysed.
 */
export async function runP4(): Promise<string[]> {
  if (!NginxRtmp.isThere()) return ['P4   not measured: nginx with its RTMP module is not installed (libnginx-mod-rtmp)'];
  const bench = await AnalysisBench.create();
  const [system, nginx] = [await LiveSystem.start(), await NginxRtmp.start()];
  try {
    const lines: string[] = [];
    let published = 0;
    for (const count of STREAM_COUNTS) {
      await Promise.all([system.publish(bench.clip, count - published), nginx.publish(bench.clip, count - published)]);
      published = count;
      const [ours, floor, startedAtMs] = [cpuSecondsByPart(system.pid), cpuSecondsByPart(nginx.pid), performance.now()];
      await whileMs(MEASURED_MS);
      const streamMinutes = (count * (performance.now() - startedAtMs)) / 60_000;
      const spent = per(minus(cpuSecondsByPart(system.pid), ours), streamMinutes);
      const floorS = totalOf(minus(cpuSecondsByPart(nginx.pid), floor)) / streamMinutes;
      const oursS = spent.ingest + spent.packagers + spent.PostgreSQL;
      lines.push(
        `P4   ${(oursS / floorS).toFixed(1)} (target ≤ ${TARGET})  ${oursS.toFixed(2)} ÷ ${floorS.toFixed(2)} CPU-s per stream-minute  Ingest ` +
          `beside nginx-rtmp with HLS, ${count} ${count === 1 ? 'stream' : 'streams'}: ${partsText(spent, (seconds) => seconds.toFixed(2))}`,
      );
    }
    return lines;
  } finally {
    await system.stop();
    await nginx.stop();
    await bench.close();
  }
}
