import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The hour, in UTC, that a moment is in. */
const hourOf = (moment: string): string => `date_trunc('hour', ${moment}, 'UTC')`;
/** Last moment of segment `s`. */
const LAST = `s.at + GREATEST(s.pts_end_us - s.pts_start_us - 1, 0) * interval '1 microsecond'`;
const hoursOfSegment = `unnest(ARRAY[${hourOf('s.at')}, ${hourOf(LAST)}])`;
/** Events of which a clock has made years are cut short. */
const EVENT_END = `LEAST(COALESCE(v.end_at, v.start_at), v.start_at + interval '400 days')`;
const hoursOfEvent = `generate_series(${hourOf('v.start_at')}, ${hourOf(EVENT_END)}, interval '1 hour')`;

/**
 * Marks every hour that `hours` gives and that has no mark which somebody might still see. No two transactions wait for each other here:
 * marks are not unique. Plans are made for few rows and must do for many, hence no scan of all.
 */
const marking = (name: string, hours: string): string => `
CREATE FUNCTION ${name}() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE touched record;
BEGIN
  -- Most statements change most tables not at all.
  IF NOT EXISTS (SELECT 1 FROM changed) THEN RETURN NULL; END IF;
  FOR touched IN ${hours} LOOP
    IF NOT EXISTS (
      SELECT 1 FROM timeline_stale m WHERE m.stream_id = touched.stream_id AND m.hour = touched.hour AND m.taken_by IS NULL
    ) THEN
      INSERT INTO timeline_stale (stream_id, hour) VALUES (touched.stream_id, touched.hour);
    END IF;
  END LOOP;
  RETURN NULL;
END $$;`;

const MARKERS = {
  results: `SELECT DISTINCT t.stream_id, ${hourOf('t.at')} AS hour FROM changed t`,
  segments: `SELECT DISTINCT s.stream_id, ${hoursOfSegment} AS hour FROM changed s`,
  /** Looked for, and marked as likely to go, nothing of a segment changes that is added up. */
  segment_states: `SELECT DISTINCT s.stream_id, ${hoursOfSegment} AS hour FROM changed s JOIN former f ON f.id = s.id
    WHERE (f.state, f.at, f.pts_start_us, f.pts_end_us) IS DISTINCT FROM (s.state, s.at, s.pts_start_us, s.pts_end_us)`,
  runs: `SELECT DISTINCT s.stream_id, ${hoursOfSegment} AS hour FROM changed r JOIN segments s ON s.id = r.segment_id`,
  events: `SELECT DISTINCT v.stream_id, ${hoursOfEvent} AS hour FROM changed v`,
  event_changes: `SELECT DISTINCT v.stream_id, ${hoursOfEvent} AS hour FROM (TABLE changed UNION ALL TABLE former) v`,
} as const;

/** Rows that are packed are moved: nothing changes by that. */
const MOVED = `WHEN (current_setting('vedette.moves', true) IS DISTINCT FROM 'on')`;
const OLD = 'REFERENCING OLD TABLE AS changed';
const NEW = 'REFERENCING NEW TABLE AS changed';
const BOTH = 'REFERENCING OLD TABLE AS former NEW TABLE AS changed';

const TRIGGERS: readonly (readonly [table: string, name: string, on: string, referencing: string, marker: keyof typeof MARKERS])[] = [
  ['detections', 'added', 'INSERT', NEW, 'results'],
  ['detections', 'gone', 'DELETE', OLD, 'results'],
  ['metrics', 'added', 'INSERT', NEW, 'results'],
  ['metrics', 'gone', 'DELETE', OLD, 'results'],
  ['segments', 'added', 'INSERT', NEW, 'segments'],
  ['segments', 'changed', 'UPDATE', BOTH, 'segment_states'],
  ['segments', 'gone', 'DELETE', OLD, 'segments'],
  ['analysis_runs', 'added', 'INSERT', NEW, 'runs'],
  ['analysis_runs', 'changed', 'UPDATE', NEW, 'runs'],
  ['analysis_runs', 'gone', 'DELETE', OLD, 'runs'],
  ['events', 'added', 'INSERT', NEW, 'events'],
  ['events', 'changed', 'UPDATE', BOTH, 'event_changes'],
  ['events', 'gone', 'DELETE', OLD, 'events'],
];

const trigger = ([table, name, on, referencing, marker]: (typeof TRIGGERS)[number]): string =>
  `CREATE TRIGGER timeline_${table}_${name} AFTER ${on} ON ${table} ${referencing} FOR EACH STATEMENT
    ${on === 'DELETE' ? MOVED : ''} EXECUTE FUNCTION timeline_mark_${marker}();`;

/**
 * What each hour of a stream adds up to, and the marks of hours that are to be added up (anew); and small pictures of streams. What there
 * is already is marked: it is added up later, by workers.
 */
export class Timeline1700000000052 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
-- An hour without a row and without a mark is empty. hour, tens, minutes: the sums by the hour, by ten minutes and by the minute, column by
-- column and deflated; null where so much is told apart that the ledger itself is read.
CREATE TABLE timeline_hours (
  stream_id uuid NOT NULL,
  at timestamptz NOT NULL,
  hour bytea,
  tens bytea,
  minutes bytea,
  PRIMARY KEY (stream_id, at)
);
ALTER TABLE timeline_hours ALTER COLUMN hour SET STORAGE EXTERNAL, ALTER COLUMN tens SET STORAGE EXTERNAL,
  ALTER COLUMN minutes SET STORAGE EXTERNAL;

-- taken_by: somebody is about to add the hour up; who changes it from then on sets another mark.
CREATE TABLE timeline_stale (
  stream_id uuid NOT NULL,
  hour timestamptz NOT NULL,
  since timestamptz NOT NULL DEFAULT now(),
  taken_by uuid,
  taken_at timestamptz
);
CREATE INDEX timeline_stale_hour ON timeline_stale (stream_id, hour);

-- A small picture for each ten seconds (slot: their number since 1970) of the media there is; it goes with its segment's file.
CREATE TABLE thumbnails (
  stream_id uuid NOT NULL,
  slot bigint NOT NULL,
  segment_id bigint NOT NULL REFERENCES segments(id) ON DELETE CASCADE,
  epoch_id uuid NOT NULL,
  pts_us bigint NOT NULL,
  at timestamptz NOT NULL,
  width_px int NOT NULL,
  height_px int NOT NULL,
  jpeg bytea NOT NULL CHECK (octet_length(jpeg) <= 4096),
  PRIMARY KEY (stream_id, slot)
);
ALTER TABLE thumbnails ALTER COLUMN jpeg SET STORAGE EXTERNAL;
CREATE INDEX thumbnails_segment ON thumbnails (segment_id);
${Object.entries(MARKERS)
  .map(([name, hours]) => marking(`timeline_mark_${name}`, hours))
  .join('\n')}
${TRIGGERS.map(trigger).join('\n')}

INSERT INTO timeline_stale (stream_id, hour)
SELECT stream_id, ${hoursOfSegment} FROM segments s
UNION SELECT stream_id, ${hourOf('at')} FROM ledger_archive
UNION SELECT stream_id, ${hourOf('at')} FROM detections
UNION SELECT stream_id, ${hourOf('at')} FROM metrics
UNION SELECT stream_id, ${hoursOfEvent} FROM events v`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
${TRIGGERS.map(([table, name]) => `DROP TRIGGER timeline_${table}_${name} ON ${table};`).join('\n')}
${Object.keys(MARKERS)
  .map((name) => `DROP FUNCTION timeline_mark_${name}();`)
  .join('\n')}
DROP TABLE timeline_stale, timeline_hours, thumbnails`);
  }
}
