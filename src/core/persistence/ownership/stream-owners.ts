/** Nest token of the {@link IngestNode} that this process is. */
export const INGEST_NODE = Symbol.for('vedette.ingest-node');

/** An ingest node as it introduces itself. */
export interface IngestNode {
  /** Of its media folder: the same after a restart. */
  readonly id: string;
  /** By which streams are pinned to it. */
  readonly name: string;
}

export interface NodeRecord extends IngestNode {
  /** It renews its lease. */
  readonly alive: boolean;
}

export interface OwnerRecord {
  readonly streamId: string;
  readonly nodeId: string;
  readonly nodeName: string;
  /** False when its lease has lapsed: the stream may be taken. */
  readonly alive: boolean;
}

/** Proof of having a stream: a later owner's fence is higher. */
export interface Holding {
  readonly streamId: string;
  readonly fence: string;
}

export interface Renewal {
  /** Of the streams asked for, those still held. */
  readonly held: readonly string[];
  /** The lease had lapsed before: others may have closed what this node left open. */
  readonly lapsed: boolean;
  /** Ids of the other nodes that are alive, sorted. */
  readonly others: readonly string[];
}

export type Claim =
  | { readonly fence: string; /** The living node it was taken from. */ readonly from: string | null }
  /** Absent `holdLeftMs`: it cannot be had, however long one waits. */
  | { readonly fence: null; readonly holdLeftMs?: number };

/**
 * Which ingest node has which stream: leases by the database's clock, so that a node that dies is followed by another, and
 * two never have one stream. One per process. An abstract class so that it is its own Nest token.
 */
export abstract class StreamOwners {
  /**
   * Takes the node's id for this process, and keeps for it the streams that an earlier process of the node had. At once where that one
   * ended, however it did; while it cannot be told, after its lease at the latest.
   * @throws VD_INGEST_NODE_TAKEN when another process with this id is alive
   */
  abstract join(node: IngestNode, leaseMs: number): Promise<void>;
  /**
   * Renews the node's lease and those of the streams, in one statement.
   * @throws VD_INGEST_NODE_TAKEN when another process took the node's id meanwhile
   */
  abstract renew(streams: readonly Holding[]): Promise<Renewal>;
  /**
   * Takes a stream that nobody has, that this node has already, or whose owner's lease has lapsed.
   * @param known the fence under which it is held already
   * @param takeOver takes it from a living owner too, once that one has had it for `holdMs`
   */
  abstract claim(streamId: string, options: { known?: string; takeOver?: { holdMs: number } }): Promise<Claim>;
  /** Gives streams back: others may take them at once. */
  abstract release(streams: readonly Holding[]): Promise<void>;
  abstract nodes(): Promise<NodeRecord[]>;
  abstract owners(): Promise<OwnerRecord[]>;
  /** Name of the other living node that has the stream and told of its media within the last 5 s; null: there is none. */
  abstract recordedBy(streamId: string): Promise<string | null>;
  /** The node ends: gives everything back. */
  abstract leave(): Promise<void>;
}
