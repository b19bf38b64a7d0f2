import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Events by whom they are of: when a brand was last seen is one step into the index for each stream's newest. */
export class Subjects1700000000059 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE INDEX events_subject_id ON events ((data->>'subjectId'), start_at) WHERE (data->>'subjectId') IS NOT NULL`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX events_subject_id');
  }
}
