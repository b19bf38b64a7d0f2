import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who has looked at which event; and events of all streams by time, and by what they are of. */
export class EventReviews1700000000055 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
CREATE TABLE event_reviews (
  event_id bigint NOT NULL REFERENCES events(id) ON DELETE CASCADE,
  user_id uuid NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  reviewed_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (event_id, user_id)
);
CREATE INDEX event_reviews_user ON event_reviews (user_id);

-- What an event is of, for people: a brand, a text, a rule's name; '' where its analyzer says no more than its name.
CREATE FUNCTION event_subject(data jsonb) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT left(COALESCE(data->>'label', data->>'word', data->>'text', data->>'ruleName', ''), 200)
$$;
CREATE INDEX events_newest ON events (start_at, id);
-- Those of one subject, and those that are alike.
CREATE INDEX events_subject ON events (event_subject(data), stream_id, analyzer_id, name, start_at, id);`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
DROP INDEX events_subject, events_newest;
DROP FUNCTION event_subject(jsonb);
DROP TABLE event_reviews`);
  }
}
