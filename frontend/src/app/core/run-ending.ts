import type { RunWire } from '../api/models';

/**
 * Whether the run was skipped because the segment holds nothing for its analyzer (`no_audio`, `no-motion`): nothing is missing
 * then, unlike after a skip for overload.
 */
export const hadNothingToDo = ({ state, reason }: Pick<RunWire, 'state' | 'reason'>): boolean =>
  state === 'skipped' && /^no[-_]/.test(reason ?? '');
