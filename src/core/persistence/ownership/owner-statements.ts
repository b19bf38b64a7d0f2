import { STREAMS_CHANNEL } from '../notify/feed-bell.js';

const LEASE = `now() + $3::float8 * interval '1 millisecond'`;

/** $1 node, $2 process, $3 lease in ms, $4 name, $5 host, $6 pid, $7 whether whoever had the id is known to be gone. */
export const JOIN = {
  name: 'ingest_node_join',
  text: `
WITH before AS (
  SELECT host, pid, lease_until FROM ingest_nodes WHERE id = $1
), forgotten AS (
  DELETE FROM ingest_nodes n WHERE n.id <> $1 AND n.lease_until < now() - interval '30 days'
    AND NOT EXISTS (SELECT 1 FROM epochs e WHERE e.ingest_id = n.id AND e.state = 'open')
), joined AS (
  INSERT INTO ingest_nodes AS n (id, process, lease_until, name, host, pid) VALUES ($1, $2, ${LEASE}, $4, $5, $6)
  ON CONFLICT (id) DO UPDATE SET process = EXCLUDED.process, lease_until = EXCLUDED.lease_until, name = EXCLUDED.name, host = EXCLUDED.host,
    pid = EXCLUDED.pid, started_at = now()
  WHERE n.process = EXCLUDED.process OR n.lease_until <= now() OR $7
  RETURNING n.id
), kept AS (
  UPDATE stream_owners o SET lease_until = ${LEASE}, node_name = $4 FROM joined WHERE o.node_id = joined.id
)
SELECT EXISTS (SELECT 1 FROM joined) AS joined, before.host, before.pid, before.lease_until::text AS until
FROM (SELECT 1) one LEFT JOIN before ON true`,
};

/** $1 node, $2 process, $3 lease in ms, $4 streams, $5 their fences. What the node holds no more, and let lapse, goes. */
export const RENEW = {
  name: 'ingest_node_renew',
  text: `
WITH me AS (
  UPDATE ingest_nodes n SET lease_until = ${LEASE} FROM (SELECT lease_until <= now() AS lapsed FROM ingest_nodes WHERE id = $1) before
  WHERE n.id = $1 AND n.process = $2
  RETURNING n.id, before.lapsed
), renewed AS (
  UPDATE stream_owners o SET lease_until = ${LEASE} FROM me, unnest($4::uuid[], $5::bigint[]) AS held(stream_id, fence)
  WHERE o.stream_id = held.stream_id AND o.fence = held.fence AND o.node_id = me.id
  RETURNING o.stream_id
), dropped AS (
  DELETE FROM stream_owners o USING me WHERE o.node_id = me.id AND o.lease_until <= now() AND o.stream_id <> ALL ($4::uuid[])
)
SELECT me.lapsed, ARRAY(SELECT stream_id::text FROM renewed) AS held,
  ARRAY(SELECT n.id FROM ingest_nodes n WHERE n.id <> me.id AND n.lease_until > now() ORDER BY n.id) AS others
FROM me`,
};

/**
 * $1 node, $2 process, $3 lease in ms, $4 stream, $5 known fence, $6 hold in ms of a take-over, null for none. Renews the node's lease
 * too, so that no stream's lease outlives its node's; a node whose own has lapsed renews first.
 */
export const CLAIM = {
  name: 'stream_claim',
  text: `
WITH me AS (
  UPDATE ingest_nodes SET lease_until = ${LEASE} WHERE id = $1 AND process = $2 AND lease_until > now() RETURNING id, name
), wanted AS (
  SELECT s.id, me.id AS node_id, me.name FROM streams s, me
  WHERE s.id = $4 AND s.deleted_at IS NULL AND s.enabled AND (s.node IS NULL OR lower(s.node) = lower(me.name))
), before AS (
  SELECT node_id, node_name, lease_until > now() AS alive,
    (extract(epoch FROM since - now()) * 1000 + $6::float8)::float8 AS hold_left_ms
  FROM stream_owners WHERE stream_id = $4
), claimed AS (
  INSERT INTO stream_owners AS o (stream_id, node_id, node_name, fence, lease_until, since)
  SELECT id, node_id, name, nextval('stream_owner_fences'), ${LEASE}, now() FROM wanted
  ON CONFLICT (stream_id) DO UPDATE SET
    node_id = EXCLUDED.node_id, node_name = EXCLUDED.node_name, lease_until = EXCLUDED.lease_until,
    fence = CASE WHEN o.node_id = EXCLUDED.node_id AND o.fence = $5::bigint THEN o.fence ELSE EXCLUDED.fence END,
    since = CASE WHEN o.node_id = EXCLUDED.node_id THEN o.since ELSE now() END
  WHERE o.node_id = EXCLUDED.node_id OR o.lease_until <= now() OR o.since <= now() - $6::float8 * interval '1 millisecond'
  RETURNING o.stream_id, o.fence
), moved AS (
  SELECT claimed.stream_id FROM claimed LEFT JOIN before ON true WHERE before.node_id IS DISTINCT FROM $1::text
), told AS (
  INSERT INTO feed (kind, stream_id) SELECT 'stream.changed', stream_id FROM moved
), rung AS MATERIALIZED (
  SELECT pg_notify('${STREAMS_CHANNEL}', stream_id::text) FROM moved
)
SELECT claimed.fence::text AS fence, CASE WHEN before.alive AND before.node_id <> $1 THEN before.node_name END AS from_name,
  before.hold_left_ms, EXISTS (SELECT 1 FROM wanted) AS may, (SELECT count(*)::int FROM rung) AS rung
FROM (SELECT 1) one LEFT JOIN claimed ON true LEFT JOIN before ON true`,
};

/** $1 node, $2 streams, $3 their fences. */
export const RELEASE = {
  name: 'stream_release',
  text: `
WITH released AS (
  DELETE FROM stream_owners o USING unnest($2::uuid[], $3::bigint[]) AS held(stream_id, fence)
  WHERE o.stream_id = held.stream_id AND o.fence = held.fence AND o.node_id = $1
  RETURNING o.stream_id
), told AS (
  INSERT INTO feed (kind, stream_id) SELECT 'stream.changed', stream_id FROM released
)
SELECT pg_notify('${STREAMS_CHANNEL}', stream_id::text) FROM released`,
};

/** $1 node, $2 process. */
export const LEAVE = {
  name: 'ingest_node_leave',
  text: `
WITH me AS (
  UPDATE ingest_nodes SET lease_until = now() WHERE id = $1 AND process = $2 RETURNING id
), released AS (
  DELETE FROM stream_owners o USING me WHERE o.node_id = me.id RETURNING o.stream_id
), told AS (
  INSERT INTO feed (kind, stream_id) SELECT 'stream.changed', stream_id FROM released
)
SELECT pg_notify('${STREAMS_CHANNEL}', stream_id::text) FROM released`,
};

export const NODES = {
  name: 'ingest_nodes',
  text: 'SELECT id, name, lease_until > now() AS alive FROM ingest_nodes ORDER BY name, id',
};

export const OWNERS = {
  name: 'stream_owners',
  text: 'SELECT stream_id, node_id, node_name, lease_until > now() AS alive FROM stream_owners',
};

/** $1 stream, $2 node that asks. A node tells of what it records every 2 s. */
export const RECORDED_BY = {
  name: 'stream_recorded_by',
  text: `
SELECT o.node_name FROM stream_owners o JOIN live_measures m ON m.stream_id = o.stream_id
WHERE o.stream_id = $1 AND o.node_id <> $2 AND o.lease_until > now() AND m.measured_at > now() - interval '5 seconds'`,
};
