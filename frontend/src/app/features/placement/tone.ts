/** How well something is; each has a lamp and a word beside it, for colour alone tells nobody enough. */
export type Tone = 'good' | 'warn' | 'bad' | 'unknown';

/** The lamp of `controls.css` that shows it. */
export const LAMPS: Readonly<Record<Tone, string>> = { good: 'live', warn: 'retrying', bad: 'failed', unknown: 'pending' };

/** Beyond this there is no room for a peak; the server judges by the same figure. */
const TIGHT = 0.8;

/** Of something that is used up to a share of what there is. */
export const toneOfShare = (share: number): Tone => (share > 1 ? 'bad' : share > TIGHT ? 'warn' : 'good');
