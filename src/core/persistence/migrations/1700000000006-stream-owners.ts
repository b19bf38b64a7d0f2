import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which ingest node has a stream. Leases are counted by the server's clock: what the nodes' clocks say does not matter. */
export class StreamOwners1700000000006 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
-- Name of the only ingest node that may run or admit the stream; null: any.
ALTER TABLE streams ADD COLUMN node text CHECK (node ~* '^[a-z0-9][a-z0-9.-]{0,62}$');

-- id: of the node's media folder, so that a restart is the same node. process: who has the id now; another one with it is refused.
CREATE TABLE ingest_nodes (
  id text PRIMARY KEY,
  name text NOT NULL,
  host text NOT NULL,
  pid int NOT NULL,
  process text NOT NULL,
  started_at timestamptz NOT NULL DEFAULT now(),
  lease_until timestamptz NOT NULL
);

-- A fence is never given twice, whatever is deleted.
CREATE SEQUENCE stream_owner_fences;
CREATE TABLE stream_owners (
  stream_id uuid PRIMARY KEY REFERENCES streams(id),
  node_id text NOT NULL,
  node_name text NOT NULL,
  fence bigint NOT NULL,
  lease_until timestamptz NOT NULL,
  since timestamptz NOT NULL
);
CREATE INDEX stream_owners_node ON stream_owners (node_id);
`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE stream_owners, ingest_nodes; DROP SEQUENCE stream_owner_fences; ALTER TABLE streams DROP COLUMN node`);
  }
}
