/** Text over a stretch of a playlist. */
export interface Cue {
  readonly id: string;
  /** From the playlist's beginning. */
  readonly startUs: number;
  readonly endUs: number;
  readonly text: string;
}

/** One moment on two clocks (RFC 8216, 3.5). */
export interface TimestampMap {
  readonly ptsUs: number;
  readonly localUs: number;
}

/** A second is the least that anybody can read. */
const LEAST_US = 1_000_000;
const MOST_LETTERS = 300;
/** The clock of transport streams has 33 bits. */
const CLOCK_TICKS = 2n ** 33n;

/**
 * WebVTT. Whatever texts say, they are shown and nothing else: no markup, no second cue.
 * @example webVtt([{ id: 'event-1', startUs: 0, endUs: 2_000_000, text: 'motion' }], { ptsUs: 1_400_000, localUs: 0 })
 */
export function webVtt(cues: readonly Cue[], map: TimestampMap): string {
  const sorted = cues.toSorted((a, b) => a.startUs - b.startUs || a.endUs - b.endUs);
  return [
    `WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:${ticksOf(map.ptsUs)},LOCAL:${timeOf(map.localUs)}`,
    ...sorted.map(
      ({ id, startUs, endUs, text }) =>
        `${oneLine(id)}\n${timeOf(startUs)} --> ${timeOf(Math.max(endUs, startUs + LEAST_US))}\n${textOf(text)}`,
    ),
  ]
    .join('\n\n')
    .concat('\n');
}

function ticksOf(ptsUs: number): bigint {
  const ticks = BigInt(Math.round(ptsUs * 0.09));
  return ((ticks % CLOCK_TICKS) + CLOCK_TICKS) % CLOCK_TICKS;
}

function timeOf(us: number): string {
  const ms = Math.max(0, Math.round(us / 1000));
  const two = (value: number): string => String(value).padStart(2, '0');
  const hours = Math.floor(ms / 3_600_000);
  return `${two(hours)}:${two(Math.floor(ms / 60_000) % 60)}:${two(Math.floor(ms / 1000) % 60)}.${String(ms % 1000).padStart(3, '0')}`;
}

const oneLine = (text: string): string => text.replaceAll('-->', '').replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ');

function textOf(text: string): string {
  const shown = oneLine(text.slice(0, MOST_LETTERS).toWellFormed())
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .trim();
  // An empty line would end the cue before it has a text.
  return shown === '' ? '…' : shown;
}
