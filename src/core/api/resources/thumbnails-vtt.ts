import type { ThumbnailWire } from '../../wire/thumbnails.wire.js';

/**
 * A WebVTT track of thumbnails, as players take it: each until the next begins, or for as long as one stands for.
 * @param fromMs what the track's time 0 is
 */
export function thumbnailsVtt(thumbnails: readonly ThumbnailWire[], fromMs: number, everyMs: number): string {
  const cues = thumbnails.map(({ at, url, x, y, w, h, isMade }, n) => {
    const next = thumbnails[n + 1];
    const beginMs = Math.max(0, Date.parse(at) - fromMs);
    const endMs = Math.min(beginMs + 1.5 * everyMs, next === undefined ? Infinity : Date.parse(next.at) - fromMs);
    return endMs <= beginMs ? '' : `${timeOf(beginMs)} --> ${timeOf(endMs)}\n${url}${isMade ? '' : `#xywh=${x},${y},${w},${h}`}\n\n`;
  });
  return `WEBVTT\n\n${cues.join('')}`;
}

function timeOf(ms: number): string {
  const whole = Math.round(ms);
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  return `${two(whole / 3_600_000)}:${two((whole / 60_000) % 60)}:${two((whole / 1_000) % 60)}.${String(whole % 1_000).padStart(3, '0')}`;
}
