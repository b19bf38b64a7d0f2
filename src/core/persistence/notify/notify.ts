import type { EntityManager } from 'typeorm';

/** Notifies who listens to a channel when the manager's transaction commits, and nobody if it does not. */
export const notify = (manager: EntityManager, channel: string, payload: string): Promise<unknown> =>
  manager.query('SELECT pg_notify($1, $2)', [channel, payload]);
