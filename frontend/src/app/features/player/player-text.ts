import type { RunWire, StreamWire } from '../../api/models';
import { sentence } from '../../core/format';
import type { OverlayError } from '../../core/overlay-error';
import type { DisplayedFrame } from '../../core/player-clock';
import type { SegmentEntry } from '../../core/segment-index';
import type { Coverage } from '../../core/stream-view';
import type { Say } from '../../i18n/texts';
import type { EngineState } from './hls-engine';
import type { PlayerTexts } from './i18n/en';

export interface CoverageText {
  readonly tone: 'calm' | 'busy' | 'warn';
  readonly text: string;
  readonly detail: string;
}

type T = Say<PlayerTexts>;

/** Results that are so late do not just take their time: something waits or failed. */
const LATE_MS = 45_000;

/**
 * Whether what is drawn is all there is to draw; silent when nothing analyses the stream.
 * @param frame the one that is shown, and how long ago that was
 */
export function describeCoverage(
  coverage: Coverage,
  titles: ReadonlyMap<string, string>,
  { t, sinceMs, duration }: { t: T; sinceMs: number; duration(ms: number): string },
): CoverageText | null {
  const name = (id: string): string => titles.get(id) ?? id;
  switch (coverage.kind) {
    case 'none':
      return null;
    case 'ready':
      return {
        tone: 'calm',
        text: t('coverage.ready'),
        detail: [t('coverage.readyText'), ...movedTexts(coverage.runs, name, t)].join('\n'),
      };
    case 'waiting': {
      const names = coverage.analyzerIds.map(name).join(', ');
      return sinceMs > LATE_MS && coverage.analyzerIds.length > 0
        ? { tone: 'warn', text: t('coverage.late'), detail: `${names}\n${t('coverage.lateText', { time: duration(sinceMs) })}` }
        : { tone: 'busy', text: t('coverage.waiting'), detail: names || t('coverage.unknownText') };
    }
    case 'lacking': {
      const run = coverage.runs[0]!;
      const count = coverage.runs.length - 1;
      const why = [run.reason ?? run.errorCode ?? run.state].join('');
      return {
        tone: 'warn',
        text: t(`coverage.${LACKING[run.state] ?? 'skipped'}`),
        detail: [
          count > 0
            ? t('coverage.more', { name: name(run.analyzerId), count, why })
            : t('coverage.one', { name: name(run.analyzerId), why }),
          ...movedTexts(coverage.runs, name, t),
        ].join('\n'),
      };
    }
  }
}

const LACKING: Partial<Record<RunWire['state'], 'partial' | 'skipped' | 'failed'>> = { partial: 'partial', failed: 'failed' };

/** Which runs did not run where their analyzer prefers, and why. */
function movedTexts(runs: readonly RunWire[], name: (id: string) => string, t: T): string[] {
  return runs.flatMap(({ analyzerId, strategy, strategyReason: why }) =>
    strategy === null || why === null || why === 'preferred' ? [] : [t('coverage.moved', { name: name(analyzerId), strategy, why })],
  );
}

export function describeBusy(state: EngineState, isPast: boolean, t: T): string {
  switch (state) {
    case 'awaiting-media':
      return t('busy.awaiting');
    case 'recovering':
      return t('busy.recovering');
    case 'buffering':
      return t('busy.buffering');
    default:
      return t(isPast ? 'busy.loadingPast' : 'busy.loading');
  }
}

export interface OfflineText {
  readonly title: string;
  readonly since: string;
  /** Of the last time it was live, if ever. */
  readonly last: string | null;
}

export function describeOffline(
  { enabled, state, stateAt, stateDetail, epoch }: StreamWire,
  { t, dateTime, duration }: { t: T; dateTime(atMs: number): string; duration(ms: number): string },
): OfflineText {
  const known = state === 'retrying' || state === 'failed' || state === 'starting' || state === 'pending' ? state : 'offline';
  const title = t(enabled ? `offline.${known}` : 'offline.disabled');
  const since = t('offline.since', { state: sentence(state), time: dateTime(Date.parse(stateAt)) });
  if (epoch === null) return { title, since, last: null };
  const reason = epoch.endReason?.replace(/[-_]/g, ' ') ?? null;
  const last = [
    t('offline.last', { ordinal: epoch.ordinal, start: dateTime(Date.parse(epoch.startedAt)) }),
    epoch.endedAt === null ? '' : t('offline.lasted', { lasted: duration(Date.parse(epoch.endedAt) - Date.parse(epoch.startedAt)) }),
    reason === null || reason === stateDetail ? '' : t('offline.reason', { reason }),
  ].join('');
  return { title, since, last };
}

/** The frame read-out: which frame is on screen, whose boxes are drawn, and how far those that are not of it lie beside. */
export function readoutText(
  located: { frame: DisplayedFrame; entry: SegmentEntry; mediaTimeSeconds: number } | null,
  drawn: DOMStringMap,
  error: OverlayError | null,
): string {
  if (located === null) return 'no located frame';
  const { frame, entry, mediaTimeSeconds } = located;
  const { segment } = entry;
  const frameUs = (segment.ptsEndUs - segment.ptsStartUs) / Math.max(1, segment.frameCount);
  const index = Math.round((frame.ptsUs - segment.ptsStartUs) / frameUs);
  return [
    `epoch    ${frame.epochId.slice(0, 8)}`,
    `segment  ${frame.sequence}  frame ${index + 1}/${segment.frameCount}`,
    `pts      ${frame.ptsUs} µs`,
    `media    ${mediaTimeSeconds.toFixed(6)} s`,
    `drawn    ${drawn['drawnMode'] ?? ''}${drawn['drawnPtsUs'] ? ` @ ${drawn['drawnPtsUs']}` : ''}`,
    `ran on   ${[...new Set([...entry.runs.values()].flatMap(({ strategy }) => strategy ?? []))].join(', ')}`,
    `boxes    ${drawn['drawnLabels'] ? drawn['drawnLabels'].split(',').length : 0}`,
    `error    ${errorText(error)}`,
  ].join('\n');
}

function errorText(error: OverlayError | null): string {
  if (error === null || error.heldPx === null) return 'no track to measure by';
  const between = error.betweenPx === null ? '' : `between ≤ ${error.betweenPx.toFixed(1)} px, `;
  return `${between}held ${error.heldPx.toFixed(1)} px (p50 of ${Math.max(error.measured, 1)})`;
}
