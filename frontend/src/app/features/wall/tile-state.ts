import type { EventWire, StreamVerdictWire, StreamWire, WallTileWire } from '../../api/models';
import type { IconName } from '../../shared/ui/icon';

/** What a stream is just now, in one word. `still`: it counts as live, but no new picture comes. `unknown`: nobody can know. */
export type TileWord = 'live' | 'still' | 'frozen' | 'starting' | 'retrying' | 'failed' | 'waiting' | 'stopped' | 'off' | 'unknown';
export type TileTone = 'live' | 'calm' | 'busy' | 'warn' | 'bad';

export interface TileState {
  readonly word: TileWord;
  readonly tone: TileTone;
  readonly icon: IconName;
  /** The gravest thing that is more than worth knowing, as docs/reference/health.md calls it. */
  readonly issue: StreamVerdictWire['issues'][number] | null;
}

const LOOKS: Readonly<Record<TileWord, readonly [TileTone, IconName]>> = {
  live: ['live', 'play'],
  still: ['bad', 'alert'],
  frozen: ['warn', 'frozen'],
  starting: ['busy', 'clock'],
  retrying: ['warn', 'undo'],
  failed: ['bad', 'alert'],
  waiting: ['calm', 'clock'],
  stopped: ['calm', 'pause'],
  off: ['calm', 'offline'],
  unknown: ['calm', 'help'],
};
/** While one of these holds, no new picture comes. */
const WITHOUT_PICTURE: ReadonlySet<string> = new Set([
  'no-picture',
  'no-keyframe',
  'segment-overdue',
  'ingest-silent',
  'recording-interrupted',
  'source-failed',
]);
/** Events by which an analyzer says that the picture itself stands still or is black. */
const DEAD_PICTURE = /^(.*[._-])?(freeze|frozen|black)([._-].*)?$/i;
const WORD_OF_STATE: Readonly<Record<StreamWire['state'], TileWord>> = {
  pending: 'waiting',
  starting: 'starting',
  live: 'live',
  retrying: 'retrying',
  failed: 'failed',
  stopped: 'stopped',
};

/** @param isCurrent whether what is known is of now; otherwise nothing is said to be live */
export function tileState(
  stream: Pick<StreamWire, 'state' | 'enabled'>,
  verdict: StreamVerdictWire | null,
  openEvents: WallTileWire['openEvents'],
  isCurrent: boolean,
): TileState {
  const issue = verdict?.issues.find(({ severity }) => severity !== 'info') ?? null;
  const word = wordOf(stream, verdict, openEvents, isCurrent);
  const [tone, icon] = LOOKS[word];
  return { word, tone, icon, issue };
}

function wordOf(
  { state, enabled }: Pick<StreamWire, 'state' | 'enabled'>,
  verdict: StreamVerdictWire | null,
  openEvents: readonly string[],
  isCurrent: boolean,
): TileWord {
  if (!isCurrent) return 'unknown';
  if (!enabled) return 'off';
  if (state !== 'live') return WORD_OF_STATE[state];
  if (verdict?.issues.some(({ code, severity }) => severity !== 'info' && WITHOUT_PICTURE.has(code))) return 'still';
  return openEvents.some((name) => DEAD_PICTURE.test(name)) ? 'frozen' : 'live';
}

/** Whether somebody should look at it. */
export const needsALook = ({ tone, issue }: TileState): boolean => tone === 'bad' || tone === 'warn' || issue !== null;

/** What an event is of: the brand, the text, the rule; null where it says nothing of that. */
export function subjectOf({ data }: Pick<EventWire, 'data'>): string | null {
  const told = [data?.['label'], data?.['word'], data?.['text'], data?.['ruleName']].find(
    (value) => typeof value === 'string' && value !== '',
  );
  return (told as string | undefined) ?? null;
}
