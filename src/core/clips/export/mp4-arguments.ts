/** What a part of a clip is read from: one epoch's segments, one behind the other. */
export interface PartInput {
  readonly isFragmented: boolean;
  /** Whether times are those of the media; else the first frame's is 0. */
  readonly isByMediaClock?: boolean;
}

/** More than any range lasts: what is missing in an epoch stays missing for as long, where ffmpeg would close the gap. */
const LONGEST_PAUSE_S = '10000000';

export const partInput = ({ isFragmented, isByMediaClock = false }: PartInput): string[] => [
  ...(isByMediaClock ? ['-copyts'] : ['-dts_delta_threshold', LONGEST_PAUSE_S]),
  // The ledger has the times of samples, whatever an edit list makes of them.
  ...(isByMediaClock && isFragmented ? ['-ignore_editlist', '1'] : []),
  ...['-f', isFragmented ? 'mp4' : 'mpegts'],
  ...['-protocol_whitelist', 'pipe', '-i', 'pipe:0'],
  ...['-map', '0:v:0?', '-map', '0:a:0?'],
];

/** MP4 whose index comes first, so that it can be played while it is fetched. Nothing of the source's own texts goes along. */
export const mp4Output = (name: string): string[] => [
  ...['-map_metadata', '-1', '-map_chapters', '-1', '-dn', '-sn', '-movflags', '+faststart', '-f', 'mp4', name],
];

/** As it was recorded. @param codec of its pictures */
export const copied = (codec: string | null): string[] => ['-c', 'copy', ...(codec === 'hevc' ? ['-tag:v', 'hvc1'] : [])];

/** Parts, one behind the other. @param list name of an ffconcat file */
export const joined = (list: string): string[] => [
  ...['-protocol_whitelist', 'file,pipe', '-f', 'concat', '-safe', '1', '-i', list, '-map', '0', '-c', 'copy'],
];

export const partName = (index: number): string => `part-${String(index).padStart(4, '0')}.mp4`;

export const concatList = (names: readonly string[]): string =>
  ['ffconcat version 1.0', ...names.map((name) => `file ${name}`), ''].join('\n');
