export type PlayerAction =
  'play' | 'mute' | 'fullscreen' | 'live' | 'overlay' | 'labels' | 'readout' | 'back' | 'forward' | 'previous-frame' | 'next-frame';

/** Keys of the live page, as its help shows them. */
export const SHORTCUTS: readonly { readonly keys: readonly string[]; readonly action: PlayerAction; readonly title: string }[] = [
  { keys: [' ', 'k'], action: 'play', title: 'Play or pause' },
  { keys: ['ArrowLeft'], action: 'back', title: 'Back 5 s' },
  { keys: ['ArrowRight'], action: 'forward', title: 'On 5 s' },
  { keys: [','], action: 'previous-frame', title: 'Previous frame' },
  { keys: ['.'], action: 'next-frame', title: 'Next frame' },
  { keys: ['l'], action: 'live', title: 'Go live' },
  { keys: ['m'], action: 'mute', title: 'Sound' },
  { keys: ['f'], action: 'fullscreen', title: 'Full screen' },
  { keys: ['o'], action: 'overlay', title: 'Detections' },
  { keys: ['t'], action: 'labels', title: 'Labels' },
  { keys: ['d'], action: 'readout', title: 'Frame read-out' },
];

export function actionOf(key: string): PlayerAction | null {
  const pressed = key.length === 1 ? key.toLowerCase() : key;
  return SHORTCUTS.find((shortcut) => shortcut.keys.includes(pressed))?.action ?? null;
}
