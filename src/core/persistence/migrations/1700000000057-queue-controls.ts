import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What people decide about a queue: that it rests, and which of its failures they have seen. */
export class QueueControls1700000000057 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
-- A row for each queue of which nothing further is begun. Asked with each claim, hence by itself and nearly always empty.
CREATE TABLE queue_pauses (
  queue text PRIMARY KEY,
  paused_by text NOT NULL,
  paused_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE queue_failures_seen (
  queue text PRIMARY KEY,
  -- Runs that failed up to this one are told no longer; they stay in the ledger.
  up_to_run_id bigint NOT NULL,
  seen_by text NOT NULL,
  seen_at timestamptz NOT NULL DEFAULT now()
);
-- What came to nothing, by queue, the newest first.
CREATE INDEX analysis_runs_came_to_nothing ON analysis_runs (queue, state, id) WHERE state IN ('failed','skipped')`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX analysis_runs_came_to_nothing; DROP TABLE queue_failures_seen; DROP TABLE queue_pauses');
  }
}
