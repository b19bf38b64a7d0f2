import { ALIVE_WITHIN } from '../instance-heartbeat.js';
import { printable } from '../postgres-text.js';
import type { LedgerSql } from '../sql.js';

/** A node's address is looked up again after this: it may have moved. */
const KNOWN_MS = 5_000;

export interface MediaNode {
  /** As in `epochs.ingest_id`. */
  readonly id: string;
  readonly name: string;
  /** Null: it serves its segments to nobody. */
  readonly url: string | null;
  readonly host: string;
  /** Room on the disk of its media folder; null where it cannot be told. */
  readonly freeBytes: number | null;
  /** Why no segment can be written to the folder now, for a person; null where one can. */
  readonly writeFault: string | null;
}

interface KnownNode {
  readonly node: Promise<MediaNode | null>;
  readonly untilMs: number;
}

/** Media folders of all machines, and where they are reached. */
export class MediaNodes {
  readonly #known = new Map<string, KnownNode>();

  constructor(private readonly sql: LedgerSql) {}

  /** Null where no such node ever was. One that is stopped, or silent, is still found. */
  async find(id: string): Promise<MediaNode | null> {
    const known = this.#known.get(id);
    if (known !== undefined && known.untilMs > performance.now()) return known.node;
    for (const [key, { untilMs }] of this.#known) if (untilMs <= performance.now()) this.#known.delete(key);
    const node = this.read(id);
    this.#known.set(id, { node, untilMs: performance.now() + KNOWN_MS });
    node.catch(() => this.#known.delete(id));
    return node;
  }

  /** Says that the node is there; to be said again every few seconds. */
  async publish({ id, name, url, host, freeBytes, writeFault }: MediaNode): Promise<void> {
    await this.sql.rows(
      {
        name: 'media_node_publish',
        text: `INSERT INTO media_nodes (id, name, url, host, free_bytes, write_fault) VALUES ($1, $2, $3, $4, $5, $6)
          ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name, url = EXCLUDED.url, host = EXCLUDED.host,
            free_bytes = EXCLUDED.free_bytes, write_fault = EXCLUDED.write_fault, heartbeat_at = now()`,
      },
      [id, name, url, host, freeBytes, writeFault === null ? null : printable(writeFault)],
    );
  }

  /** The node stops on purpose. Its address stays: until it is back, whoever asks there is told that it is away, not that it never was. */
  async withdraw(id: string): Promise<void> {
    await this.sql.rows({ name: 'media_node_withdraw', text: 'UPDATE media_nodes SET heartbeat_at = NULL WHERE id = $1' }, [id]);
  }

  /** Those that run, by name. */
  async living(): Promise<MediaNode[]> {
    const text = `SELECT ${COLUMNS} FROM media_nodes WHERE heartbeat_at > now() - ${ALIVE_WITHIN} ORDER BY name, id LIMIT 500`;
    return (await this.sql.rows<MediaNodeRow>({ name: 'media_nodes_living', text })).map(toNode);
  }

  private async read(id: string): Promise<MediaNode | null> {
    const [row] = await this.sql.rows<MediaNodeRow>({ name: 'media_node_find', text: `SELECT ${COLUMNS} FROM media_nodes WHERE id = $1` }, [id]);
    return row === undefined ? null : toNode(row);
  }
}

const COLUMNS = 'id, name, url, host, free_bytes, write_fault';
type MediaNodeRow = Omit<MediaNode, 'freeBytes' | 'writeFault'> & { readonly free_bytes: string | null; readonly write_fault: string | null };

const toNode = ({ free_bytes, write_fault, ...node }: MediaNodeRow): MediaNode => ({
  ...node,
  freeBytes: free_bytes === null ? null : Number(free_bytes),
  writeFault: write_fault,
});
