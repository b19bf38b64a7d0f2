import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Every frame that a publisher sent is in a segment or in a gap: how many there are of each. */
export class FrameAccounts1700000000043 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
-- Null: nobody can say.
ALTER TABLE segments ADD COLUMN audio_frame_count int;
ALTER TABLE gaps ADD COLUMN video_frames int, ADD COLUMN audio_frames int;
-- What was recorded before is left as it is.
ALTER TABLE gaps ADD CONSTRAINT gaps_not_negative CHECK (to_pts_us >= from_pts_us AND video_frames >= 0 AND audio_frames >= 0) NOT VALID`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
ALTER TABLE gaps DROP CONSTRAINT gaps_not_negative, DROP COLUMN video_frames, DROP COLUMN audio_frames;
ALTER TABLE segments DROP COLUMN audio_frame_count`);
  }
}
