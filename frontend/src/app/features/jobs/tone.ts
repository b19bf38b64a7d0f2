import type { QueueReportWire } from '../../api/models';

/** How something goes; its lamp and a word beside it say so, for colour alone tells nobody enough. */
export type Tone = 'good' | 'busy' | 'warn' | 'bad' | 'rest';

/** The lamp of `controls.css` that shows it. */
export const LAMPS: Readonly<Record<Tone, string>> = { good: 'live', busy: 'starting', warn: 'retrying', bad: 'failed', rest: 'pending' };

export const VERDICT_TONES: Readonly<Record<QueueReportWire['verdict'], Tone>> = {
  well: 'good',
  idle: 'rest',
  paused: 'warn',
  behind: 'warn',
  failing: 'bad',
  unattended: 'bad',
};
