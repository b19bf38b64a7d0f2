export type PlayerAction =
  | 'play'
  | 'back'
  | 'forward'
  | 'back-short'
  | 'forward-short'
  | 'previous-frame'
  | 'next-frame'
  | 'previous-event'
  | 'next-event'
  | 'slower'
  | 'faster'
  | 'live'
  | 'mute'
  | 'fullscreen'
  | 'overlay'
  | 'labels'
  | 'trails'
  | 'readout'
  | 'snapshot';

/** Keys of the stream page, as its help shows them; the title is a key of the translations. */
export const SHORTCUTS: readonly { readonly keys: readonly string[]; readonly action: PlayerAction }[] = [
  { keys: [' ', 'k'], action: 'play' },
  { keys: ['j'], action: 'back' },
  { keys: ['l'], action: 'forward' },
  { keys: ['ArrowLeft'], action: 'back-short' },
  { keys: ['ArrowRight'], action: 'forward-short' },
  { keys: [','], action: 'previous-frame' },
  { keys: ['.'], action: 'next-frame' },
  { keys: ['['], action: 'previous-event' },
  { keys: [']'], action: 'next-event' },
  { keys: ['<'], action: 'slower' },
  { keys: ['>'], action: 'faster' },
  { keys: ['End', 'n'], action: 'live' },
  { keys: ['m'], action: 'mute' },
  { keys: ['f'], action: 'fullscreen' },
  { keys: ['o'], action: 'overlay' },
  { keys: ['t'], action: 'labels' },
  { keys: ['p'], action: 'trails' },
  { keys: ['d'], action: 'readout' },
  { keys: ['s'], action: 'snapshot' },
];

export function actionOf(key: string): PlayerAction | null {
  const pressed = key.length === 1 ? key.toLowerCase() : key;
  return SHORTCUTS.find((shortcut) => shortcut.keys.includes(pressed))?.action ?? null;
}
