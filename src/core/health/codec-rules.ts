import { H264_PROFILES } from '../decode/codec/index.js';
import type { EpochMeasures } from './stream-measures.js';
import { issueOf, type HealthIssue } from './health-issue.js';

const EVERY_BROWSER_BITS = 8;
/** Names of HEVC's `general_profile_idc`. */
const HEVC_PROFILES: Readonly<Record<number, string>> = { 1: 'Main', 2: 'Main 10', 3: 'Main Still Picture', 4: 'Range Extensions' };

/** What browsers show of it: `all`, `some`, `none`; null where too little is known. */
export type Playable = 'all' | 'some' | 'none';

export function playableIn({ videoCodec, chroma, bitDepth }: EpochMeasures): Playable | null {
  if (videoCodec === 'hevc') return 'some';
  if (videoCodec !== 'h264' || chroma === null || bitDepth === null) return null;
  return (chroma === '4:2:0' || chroma === '4:0:0') && bitDepth <= EVERY_BROWSER_BITS ? 'all' : 'none';
}

/** @example "High 4:2:2"; null where it has no name, or its number is not known */
export function profileName({ videoCodec, profileIdc }: Pick<EpochMeasures, 'videoCodec' | 'profileIdc'>): string | null {
  if (profileIdc === null) return null;
  return (videoCodec === 'hevc' ? HEVC_PROFILES : H264_PROFILES)[profileIdc] ?? null;
}

/** Whether those who watch can see it. */
export function judgeCodec(epoch: EpochMeasures, analysedUpToMs: number): HealthIssue[] {
  const playable = playableIn(epoch);
  const told = { severity: 'warning', sinceMs: epoch.startedAtMs, analysedUpToMs } as const;
  if (playable === 'some') return [issueOf('codec-unplayable', { reason: 'Many browsers do not play HEVC', ...told })];
  if (playable !== 'none') return [];
  const { chroma, bitDepth } = epoch;
  const depth = bitDepth !== null && bitDepth > EVERY_BROWSER_BITS ? ` of ${bitDepth} bits` : '';
  return [issueOf('profile-unplayable', { reason: `Browsers do not play H.264 in ${chroma}${depth}`, ...told })];
}
