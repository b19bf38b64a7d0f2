const DAY_MS = 86_400_000;
/** `2026-11-28_05-47-14`, `20261128054714`, with or without a fraction. */
const DATE = /(20\d\d)[-_]?(\d\d)[-_]?(\d\d)[-_T]?(\d\d)[-_:]?(\d\d)[-_:]?(\d\d)/;

/**
 * Whether a writer will never open this name again, because it says when it was written: milliseconds or seconds since 1970 (nginx-rtmp:
 * `hls_fragment_naming system`), or a date. A plain number comes again when the writer begins anew, and some then write into the old file.
 * @example isWrittenOnce('cam-1795844834123.ts', Date.UTC(2026, 10, 28)) === true; isWrittenOnce('cam-12.ts', Date.now()) === false
 */
export function isWrittenOnce(name: string, mtimeMs: number): boolean {
  const isNear = (ms: number) => Math.abs(ms - mtimeMs) < 2 * DAY_MS;
  const date = DATE.exec(name);
  if (date !== null) {
    const [year, month, day, hour, minute, second] = date.slice(1).map(Number);
    if (isNear(Date.UTC(year!, month! - 1, day, hour, minute, second))) return true;
  }
  return [...name.matchAll(/\d{10,13}/g)].some(([digits]) => {
    const value = Number(digits);
    return (digits.length === 13 && isNear(value)) || (digits.length === 10 && isNear(1000 * value));
  });
}
