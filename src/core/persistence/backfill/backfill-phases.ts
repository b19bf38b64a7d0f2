/**
 * $1 a backfill, locked: on to its next phase once nothing is left of the one before. Taking over begins by itself where nobody need be
 * asked.
 */
export const NEXT_PHASE = `
UPDATE backfills b SET phase = CASE b.phase WHEN 'analysing' THEN 'comparing' ELSE 'applying' END
WHERE b.id = $1 AND b.state = 'running' AND NOT b.fills AND CASE b.phase
  WHEN 'analysing' THEN NOT EXISTS (SELECT 1 FROM backfill_runs r WHERE r.backfill_id = b.id AND r.state IN ('queued', 'running'))
  WHEN 'comparing' THEN b.applies
    AND NOT EXISTS (SELECT 1 FROM backfill_runs r WHERE r.backfill_id = b.id AND r.state IN ('done', 'partial') AND r.difference IS NULL)
  ELSE false END`;

/** $1 a backfill, locked: done, once nothing is left of its last phase. */
export const FINISH = `
WITH finished AS (
  UPDATE backfills b SET state = 'done', finished_at = now(), outcome = CASE WHEN b.phase = 'applying' THEN 'applied' END
WHERE b.id = $1 AND b.state = 'running' AND (b.fills OR b.phase = 'applying' OR b.phase = 'comparing' AND NOT b.applies)
  AND NOT EXISTS (SELECT 1 FROM backfill_runs r WHERE r.backfill_id = b.id AND CASE
    WHEN b.fills THEN r.state IN ('queued', 'running')
    WHEN b.phase = 'comparing' THEN r.state IN ('done', 'partial') AND r.difference IS NULL
    ELSE r.state IN ('done', 'partial') AND NOT r.applied END)
RETURNING b.id
)
SELECT * FROM finished`;
