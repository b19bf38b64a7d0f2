import { Injectable } from '@nestjs/common';
import { SYSTEM_HEALTH_CODES } from '../../health/system-codes.js';
import { HEALTH_STATUSES } from '../../health/health-issue.js';
import { MediaNodes } from '../../persistence/media/media-nodes.js';
import { healthOnWire } from '../../persistence/read/health-on-wire.js';
import { RoleCrashes } from '../../persistence/role-crashes.js';
import type { StreamHealthWire } from '../../wire/health.wire.js';
import type { Principal } from '../auth/principal.js';
import { DatabaseRoom } from './database-room.js';
import { PrometheusText } from './prometheus-text.js';
import { StreamAccess } from './stream-access.js';
import { StreamHealth } from './stream-health.js';
import { SystemStatus } from './system-status.js';

const PREFIX = 'vedette_stream_';

/** The same as REST says of health, for Prometheus. */
@Injectable()
export class PrometheusMetrics {
  constructor(
    private readonly status: SystemStatus,
    private readonly crashes: RoleCrashes,
    private readonly nodes: MediaNodes,
    private readonly disk: DatabaseRoom,
    private readonly access: StreamAccess,
    private readonly health: StreamHealth,
  ) {}

  /** @param principal whose streams are told of */
  async read(principal: Principal): Promise<string> {
    const text = new PrometheusText();
    await this.system(text);
    const [views, judged] = await Promise.all([this.access.list(principal), this.health.now()]);
    for (const { wire } of views) {
      const found = judged.get(wire.id);
      if (found !== undefined) streamOf(text, wire.name, healthOnWire(found));
    }
    return text.toString();
  }

  private async system(text: PrometheusText): Promise<void> {
    const reasons = await this.status.unavailability();
    text.gauge('vedette_ready', 'Whether media can be taken in, stored and analysed', {}, reasons.length === 0);
    for (const reason of SYSTEM_HEALTH_CODES)
      text.gauge('vedette_unready', 'Why not, as in GET /api/health', { reason }, reasons.includes(reason));
    for (const { role, host, count } of await this.crashes.unseen())
      text.gauge('vedette_role_crashes', 'Crashes that nobody has acknowledged', { role, host }, count);
    for (const { name, freeBytes } of await this.nodes.living())
      text.gauge('vedette_media_free_bytes', 'On the disk of an ingest node', { node: name }, freeBytes);
    text.gauge('vedette_database_free_bytes', 'On the disk of the embedded database', {}, await this.disk.freeBytes());
  }
}

function streamOf(text: PrometheusText, stream: string, { status, issues, measures }: StreamHealthWire): void {
  const tell = (name: string, help: string, value: number | boolean | null, labels: Record<string, string> = {}): void =>
    text.gauge(`${PREFIX}${name}`, help, { stream, ...labels }, value);
  for (const each of HEALTH_STATUSES) tell('health', '1 for the status it has', status === each, { status: each });
  for (const { code, severity } of issues) tell('issue', '1 for each issue it has', 1, { code, severity });
  tell('bitrate_bits_per_second', 'Over the last minute', measures.bitrateBps);
  tell('frames_per_second', 'Over the last minute', measures.frameRateFps);
  tell('declared_frames_per_second', 'That its encoder declares', measures.declaredFrameRateFps);
  tell('keyframe_interval_seconds', 'Mean over the last minute', seconds(measures.keyframeIntervalMs));
  tell('longest_keyframe_interval_seconds', 'Of the last minute', seconds(measures.longestKeyframeIntervalMs));
  tell('has_sound', 'Whether there is sound in the newest segment', measures.hasSound);
  tell('no_picture_seconds', 'While sound came', seconds(measures.noPictureMs));
  tell('no_keyframe_seconds', 'While pictures came', seconds(measures.noKeyframeMs));
  tell('segment_age_seconds', 'Since the newest segment was registered', seconds(measures.segmentAgeMs));
  tell('drift_seconds', 'Media time behind wall time', seconds(measures.driftMs));
  tell('jitter_seconds', 'Of the arrival of segments', seconds(measures.jitterMs));
  tell('reconnects_last_hour', 'Epochs that took up what had broken off', measures.reconnectsLastHour);
  for (const { reason, count } of measures.gapsLastHour) tell('gaps_last_hour', 'Media that is missing', count, { reason });
  for (const [cause, frames] of Object.entries(measures.framesLostByCause ?? {}))
    tell('frames_lost', 'That came and were not stored, in this epoch', frames, { cause });
  tell('analysis_lag_seconds', 'Age of the oldest segment that is not analysed yet', seconds(measures.analysisLagMs));
  tell('runs_failed_ratio', 'Of the runs that ended within 2 minutes', measures.failedShare);
  tell('runs_skipped_ratio', 'The same, without those that had nothing to do', measures.skippedShare);
  for (const { analyzerId: analyzer, reason, count } of measures.failures)
    tell('runs_failed', 'Within 2 minutes', count, { analyzer, reason: reason ?? 'unknown' });
  for (const { analyzerId: analyzer, reason, count } of measures.skips)
    tell('runs_skipped', 'Within 2 minutes', count, { analyzer, reason: reason ?? 'unknown' });
}

const seconds = (ms: number | null): number | null => (ms === null ? null : ms / 1000);
