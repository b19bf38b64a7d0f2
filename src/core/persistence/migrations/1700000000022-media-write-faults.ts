import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Whether media folders can be written to, as their ingest nodes find out with every heartbeat. */
export class MediaWriteFaults1700000000022 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
-- Why no segment can be written, for a person; null: one can.
ALTER TABLE media_nodes ADD COLUMN write_fault text`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE media_nodes DROP COLUMN write_fault');
  }
}
