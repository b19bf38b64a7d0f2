import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The best picture of an event, a row of at most 12 kB that goes with its event. */
export class Evidence1700000000039 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
CREATE TABLE evidence (
  event_id bigint PRIMARY KEY REFERENCES events(id) ON DELETE CASCADE,
  run_id bigint NOT NULL,
  pts_us bigint NOT NULL,
  rank real NOT NULL,
  x real NOT NULL, y real NOT NULL, width real NOT NULL, height real NOT NULL,
  region_x real NOT NULL, region_y real NOT NULL, region_width real NOT NULL, region_height real NOT NULL,
  width_px int NOT NULL,
  height_px int NOT NULL,
  jpeg bytea NOT NULL CHECK (octet_length(jpeg) <= 12288)
);
-- A JPEG does not get smaller: it is stored beside the row, as it is.
ALTER TABLE evidence ALTER COLUMN jpeg SET STORAGE EXTERNAL`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE evidence');
  }
}
