import type { ImportRecord } from '../../core/persistence/imports/import-store.js';

/** How far an import is, in a line. @example 'a.mp4: running, 42 % (3:12 of 7:40)' */
export function importLine({ name, state, mediaUs, durationUs, detail, errorCode }: ImportRecord): string {
  const why = [errorCode, detail].filter((part) => part !== null).join(': ');
  const share = durationUs === null || durationUs === 0 ? '' : `, ${Math.min(100, Math.floor((100 * mediaUs) / durationUs))} %`;
  const place = durationUs === null ? clock(mediaUs) : `${clock(mediaUs)} of ${clock(durationUs)}`;
  return `${name}: ${state}${share} (${place})${why === '' ? '' : `. ${why}`}`;
}

function clock(us: number): string {
  const seconds = Math.floor(us / 1_000_000);
  const two = (value: number): string => String(value).padStart(2, '0');
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}
