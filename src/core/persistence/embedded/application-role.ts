import pg from 'pg';

/** Owns the database and everything in it, and may do nothing outside it: no programs, no files, no other databases. */
export const APPLICATION_ROLE = 'vedette_app';

/**
 * What belongs to the role that made the cluster, as statements that give it to the application's; what PostgreSQL itself needs is not
 * among it.
 */
const GIVE_ALL = `
DO $$
DECLARE
  superuser oid := (SELECT oid FROM pg_roles WHERE rolname = current_user);
  one record;
BEGIN
  FOR one IN
    WITH ours AS (
      SELECT oid, nspname, nspowner FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
    ), extensions AS (SELECT classid, objid FROM pg_depend WHERE deptype = 'e')
    SELECT format('SCHEMA %I', nspname) AS what FROM ours WHERE nspowner = superuser
    UNION ALL
    SELECT format('%s %s', CASE relkind WHEN 'S' THEN 'SEQUENCE' WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW'
      ELSE 'TABLE' END, c.oid::regclass)
    FROM pg_class c JOIN ours ON ours.oid = relnamespace
    WHERE relowner = superuser AND relkind IN ('r', 'p', 'v', 'm', 'S')
      AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = c.oid AND deptype IN ('a', 'i')
        AND relkind = 'S')
      AND NOT EXISTS (SELECT FROM extensions e WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid)
    UNION ALL
    SELECT format('ROUTINE %s', p.oid::regprocedure) FROM pg_proc p JOIN ours ON ours.oid = pronamespace
    WHERE proowner = superuser AND NOT EXISTS (SELECT FROM extensions e WHERE e.classid = 'pg_proc'::regclass AND e.objid = p.oid)
    UNION ALL
    SELECT format('TYPE %s', t.oid::regtype) FROM pg_type t JOIN ours ON ours.oid = typnamespace LEFT JOIN pg_class c ON c.oid = typrelid
    WHERE typowner = superuser AND (typtype IN ('e', 'd', 'r') OR c.relkind = 'c')
      AND NOT EXISTS (SELECT FROM extensions e WHERE e.classid = 'pg_type'::regclass AND e.objid = t.oid)
  LOOP
    EXECUTE format('ALTER %s OWNER TO ${APPLICATION_ROLE}', one.what);
  END LOOP;
END $$`;

/**
 * Sees to it that the application's role exists with this password, and that the database exists and is its own with all that is in
 * it. Clusters made when roles of ours connected as superuser are brought to that; a start that was cut off is taken up by the next.
 * @param superuserUrl address of any database for the role that made the cluster, for the one of that name
 */
export async function ensureApplicationRole(
  maintenance: pg.Client,
  superuserUrl: (database: string) => string,
  database: string,
  password: string,
): Promise<void> {
  await maintenance.query(
    `DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${APPLICATION_ROLE}')
       THEN CREATE ROLE ${APPLICATION_ROLE}; END IF; END $$`,
  );
  await maintenance.query(
    `ALTER ROLE ${APPLICATION_ROLE} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS
       PASSWORD ${maintenance.escapeLiteral(password)}`,
  );
  const { rows } = await maintenance.query<{ owner: string }>(
    'SELECT pg_get_userbyid(datdba) AS owner FROM pg_database WHERE datname = $1',
    [database],
  );
  const owner = rows[0]?.owner;
  if (owner === APPLICATION_ROLE) return;
  if (owner === undefined) {
    await maintenance.query(`CREATE DATABASE ${database} OWNER ${APPLICATION_ROLE}`);
    return;
  }
  const client = new pg.Client({ connectionString: superuserUrl(database) });
  client.on('error', () => undefined);
  try {
    await client.connect();
    // The owner of the database comes last: it is the sign that all is done.
    await client.query(`BEGIN; SET LOCAL search_path = ''; ${GIVE_ALL}; ALTER DATABASE ${database} OWNER TO ${APPLICATION_ROLE}; COMMIT`);
  } finally {
    await client.end().catch(() => undefined);
  }
}
