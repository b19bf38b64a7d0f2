/** NOTIFY channel; the payload is the kind whose references changed. */
export const REFERENCES_CHANNEL = 'vedette_references';

/** The kind of reference that brands are. */
export const LOGO = 'logo';

/**
 * Puts a change on record and tells every process, both at commit: run first in the transaction, it also makes changes wait for each
 * other.
 */
export const BUMP_REVISION = `
WITH bumped AS (
  INSERT INTO reference_revisions (kind, revision) VALUES ($1, 1)
  ON CONFLICT (kind) DO UPDATE SET revision = reference_revisions.revision + 1 RETURNING kind, revision
)
SELECT revision, pg_notify('${REFERENCES_CHANNEL}', kind) FROM bumped`;
