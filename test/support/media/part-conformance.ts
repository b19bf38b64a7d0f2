/** A part of a segment, as a live playlist names it. */
export interface PlaylistPart {
  readonly uri: string;
  readonly durationSeconds: number;
  readonly offsetBytes: number;
  readonly sizeBytes: number;
  readonly isIndependent: boolean;
}

/** What a live playlist says for players that know Low-Latency HLS. */
export interface LowLatencyPlaylist {
  readonly canBlockReload: boolean;
  readonly partTargetSeconds: number;
  readonly partHoldBackSeconds: number;
  /** By segment, in their order; the last one may be without an end yet. */
  readonly segments: readonly { readonly uri: string; readonly durationSeconds: number | null; readonly parts: readonly PlaylistPart[] }[];
  readonly hint: { readonly uri: string; readonly fromBytes: number } | null;
}

/** Tags of RFC 8216bis that only {@link readLowLatency} looks at. */
export const PART_TAGS = ['EXT-X-SERVER-CONTROL', 'EXT-X-PART-INF', 'EXT-X-PART', 'EXT-X-PRELOAD-HINT'];
const PART = /^DURATION=(\d+\.\d+),URI="([^"]+)",BYTERANGE="(\d+)@(\d+)"(,INDEPENDENT=YES)?$/;
const HINT = /^TYPE=PART,URI="([^"]+)",BYTERANGE-START=(\d+)$/;
const LEAST_OF_TARGET = 0.85;
/** Durations are written in microseconds. */
const ROUNDING_SECONDS = 0.000_002;

/**
 * Reads what a playlist says of parts; null when it says nothing of low latency.
 * @param wrong gets every rule of RFC 8216bis that is broken
 */
export function readLowLatency(text: string, wrong: string[]): LowLatencyPlaylist | null {
  const lines = text.split('\n');
  const valuesOf = (tag: string): string[] => lines.filter((line) => line.startsWith(`#${tag}:`)).map((line) => line.slice(tag.length + 2));
  const [control, ...moreControls] = valuesOf('EXT-X-SERVER-CONTROL');
  const [info, ...moreInfos] = valuesOf('EXT-X-PART-INF');
  const hints = valuesOf('EXT-X-PRELOAD-HINT');
  if (control === undefined || info === undefined) {
    if (valuesOf('EXT-X-PART').length + hints.length > 0) wrong.push('parts without EXT-X-SERVER-CONTROL and EXT-X-PART-INF (4.4.3.7)');
    return null;
  }
  if (moreControls.length + moreInfos.length > 0 || hints.length > 1) wrong.push('a tag of parts stands there twice');
  const partTargetSeconds = Number(/^PART-TARGET=(\d+\.\d+)$/.exec(info)?.[1]);
  const partHoldBackSeconds = Number(/PART-HOLD-BACK=(\d+\.\d+)/.exec(control)?.[1]);
  if (!(partHoldBackSeconds >= 3 * partTargetSeconds)) wrong.push(`PART-HOLD-BACK is ${partHoldBackSeconds} s of ${partTargetSeconds} s`);
  const segments = segmentsOf(lines, wrong);
  for (const { uri, durationSeconds, parts } of segments) checkParts(uri, durationSeconds, parts, partTargetSeconds, wrong);
  const hint = HINT.exec(hints[0] ?? '');
  if (hints.length > 0 && hint === null) wrong.push(`EXT-X-PRELOAD-HINT:${hints[0]} cannot be read (4.4.5.3)`);
  if (hint !== null && lines.at(-2)?.startsWith('#EXT-X-PRELOAD-HINT') !== true) wrong.push('something follows what is hinted at');
  return {
    ...{ canBlockReload: control.includes('CAN-BLOCK-RELOAD=YES'), partTargetSeconds, partHoldBackSeconds, segments },
    hint: hint && { uri: hint[1]!, fromBytes: Number(hint[2]) },
  };
}

function segmentsOf(lines: readonly string[], wrong: string[]): LowLatencyPlaylist['segments'] {
  const segments: { uri: string; durationSeconds: number | null; parts: PlaylistPart[] }[] = [];
  let parts: PlaylistPart[] = [];
  let durationSeconds: number | null = null;
  for (const line of lines) {
    if (line.startsWith('#EXTINF:')) durationSeconds = Number.parseFloat(line.slice('#EXTINF:'.length));
    else if (line.startsWith('#EXT-X-PART:')) {
      const [, duration, uri = '', size, offset, independent] = PART.exec(line.slice('#EXT-X-PART:'.length)) ?? [];
      if (duration === undefined) wrong.push(`${line} cannot be read (4.4.4.9)`);
      const isIndependent = independent !== undefined;
      parts.push({ uri, durationSeconds: Number(duration), offsetBytes: Number(offset), sizeBytes: Number(size), isIndependent });
    } else if (line !== '' && !line.startsWith('#')) {
      segments.push({ uri: line, durationSeconds, parts });
      parts = [];
    }
  }
  if (parts.length > 0) segments.push({ uri: parts[0]!.uri, durationSeconds: null, parts });
  return segments;
}

function checkParts(
  segment: string,
  segmentSeconds: number | null,
  parts: readonly PlaylistPart[],
  targetSeconds: number,
  wrong: string[],
): void {
  let offsetBytes = 0;
  parts.forEach((part, i) => {
    const isLast = segmentSeconds !== null && i === parts.length - 1;
    if (part.uri !== segment) wrong.push(`a part of ${segment} lies in ${part.uri}`);
    if (part.offsetBytes !== offsetBytes) wrong.push(`part ${i} of ${segment} begins at ${part.offsetBytes}, not at ${offsetBytes}`);
    offsetBytes += part.sizeBytes;
    if (part.durationSeconds > targetSeconds) wrong.push(`part ${i} of ${segment} lasts ${part.durationSeconds} s (4.4.3.7)`);
    // Of a segment that has no end yet, the last part may be the last one for good.
    const mayBeShort = isLast || (segmentSeconds === null && i === parts.length - 1);
    if (!mayBeShort && part.durationSeconds < LEAST_OF_TARGET * targetSeconds - ROUNDING_SECONDS)
      wrong.push(`part ${i} of ${segment} lasts ${part.durationSeconds} s, less than 85 % of ${targetSeconds} s (4.4.4.9)`);
  });
  const sumSeconds = parts.reduce((sum, { durationSeconds }) => sum + durationSeconds, 0);
  if (segmentSeconds !== null && parts.length > 0 && Math.abs(sumSeconds - segmentSeconds) > targetSeconds / 2)
    wrong.push(`the parts of ${segment} last ${sumSeconds} s of ${segmentSeconds} s`);
}
