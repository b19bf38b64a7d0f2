import type { RunWire, StreamWire } from '../../api/models';
import { ago, briefDuration } from '../../core/format';
import type { DisplayedFrame } from '../../core/player-clock';
import type { SegmentEntry } from '../../core/segment-index';
import type { Coverage } from '../../core/stream-view';
import type { EngineState } from './hls-engine';

export interface CoverageText {
  readonly tone: 'calm' | 'busy' | 'warn';
  readonly text: string;
  readonly detail: string;
}

/** Whether what is drawn is all there is to draw; silent when nothing analyses the stream. */
export function describeCoverage(coverage: Coverage, titles: ReadonlyMap<string, string>): CoverageText | null {
  const name = (id: string): string => titles.get(id) ?? id;
  switch (coverage.kind) {
    case 'none':
      return null;
    case 'ready':
      return {
        tone: 'calm',
        text: 'Analysed',
        detail: ['All results of this segment are here', ...movedTexts(coverage.runs, name)].join('\n'),
      };
    case 'waiting':
      return {
        tone: 'busy',
        text: 'Analysing…',
        detail: coverage.analyzerIds.map(name).join(', ') || 'The segment is not registered yet',
      };
    case 'lacking': {
      const run = coverage.runs[0]!;
      const rest = coverage.runs.length > 1 ? ` and ${coverage.runs.length - 1} more` : '';
      const why = run.reason ?? run.errorCode;
      return {
        tone: 'warn',
        text: { partial: 'Partly analysed', skipped: 'Not analysed', failed: 'Analysis failed' }[run.state as 'partial'] ?? 'Not analysed',
        detail: [`${name(run.analyzerId)}${rest}: ${run.state}${why === null ? '' : ` (${why})`}`, ...movedTexts(coverage.runs, name)].join(
          '\n',
        ),
      };
    }
  }
}

/** Which runs did not run where their analyzer prefers, and why. */
function movedTexts(runs: readonly RunWire[], name: (id: string) => string): string[] {
  return runs
    .filter(({ strategy, strategyReason }) => strategy !== null && strategyReason !== null && strategyReason !== 'preferred')
    .map(({ analyzerId, strategy, strategyReason }) => `${name(analyzerId)} ran on ${strategy}: ${strategyReason}`);
}

export function describeBusy(state: EngineState): string {
  switch (state) {
    case 'awaiting-media':
      return 'Live, the first picture is on its way';
    case 'recovering':
      return 'Reconnecting';
    case 'buffering':
      return 'Waiting for video';
    default:
      return 'Opening the stream';
  }
}

export interface OfflineText {
  readonly since: string;
  /** The last time it was live, if ever. */
  readonly last: {
    readonly ordinal: number;
    readonly start: string;
    readonly lasted: string | null;
    readonly reason: string | null;
  } | null;
}

export function describeOffline({ stateAt, epoch }: StreamWire, nowMs: number): OfflineText {
  const since = ago(Date.parse(stateAt), nowMs);
  return {
    since: since === 'now' ? 'just now' : since,
    last:
      epoch === null
        ? null
        : {
            ordinal: epoch.ordinal,
            start: new Date(epoch.startedAt).toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' }),
            lasted: epoch.endedAt === null ? null : briefDuration(Date.parse(epoch.endedAt) - Date.parse(epoch.startedAt)),
            reason: epoch.endReason?.replace(/[-_]/g, ' ') ?? null,
          },
  };
}

/** The frame read-out: which frame is on screen, and whose boxes are drawn. */
export function readoutText(
  located: { frame: DisplayedFrame; entry: SegmentEntry; mediaTimeSeconds: number } | null,
  drawn: DOMStringMap,
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
  ].join('\n');
}
