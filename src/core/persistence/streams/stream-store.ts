export interface StreamRecord {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly adapterId: string;
  readonly sourceConfig: Record<string, unknown>;
  readonly enabled: boolean;
  readonly isPrivate: boolean;
  /** Name of the only ingest node that may run or admit it; null: any. */
  readonly node: string | null;
  readonly state: 'pending' | 'starting' | 'live' | 'retrying' | 'failed' | 'stopped';
  readonly stateDetail: string | null;
  readonly stateAtMs: number;
  readonly createdAtMs: number;
}

/** Streams and their keys. Keys are random, 160 bit, stored as SHA-256 only. */
export abstract class StreamStore {
  abstract list(): Promise<StreamRecord[]>;
  abstract get(id: string): Promise<StreamRecord | null>;
  abstract getByName(name: string): Promise<StreamRecord | null>;
  /** @throws VD_STREAM_NAME_TAKEN */
  abstract create(input: {
    name: string;
    title: string;
    adapterId: string;
    sourceConfig?: Record<string, unknown>;
    isPrivate?: boolean;
    node?: string | null;
  }): Promise<StreamRecord>;
  abstract update(
    id: string,
    patch: { title?: string; enabled?: boolean; isPrivate?: boolean; sourceConfig?: Record<string, unknown>; node?: string | null },
  ): Promise<StreamRecord | null>;
  /** Marks it deleted; its media and results stay until retention takes them. */
  abstract remove(id: string): Promise<boolean>;
  /**
   * Sets the state, and tells the feed when it changed.
   * @param nodeId the ingest node that says so; it is not heard while another living one has the stream
   */
  abstract setState(id: string, state: StreamRecord['state'], detail?: string, nodeId?: string): Promise<void>;
  abstract createKey(streamId: string): Promise<{ keyId: string; key: string; hint: string }>;
  abstract listKeys(
    streamId: string,
  ): Promise<{ keyId: string; hint: string; createdAtMs: number; revokedAtMs: number | null; lastUsedAtMs: number | null }[]>;
  abstract revokeKey(streamId: string, keyId: string): Promise<boolean>;
  /** The enabled stream a key opens, or null. Constant work whether or not it exists; touches `last_used_at` when it does. */
  abstract findByKey(key: string): Promise<{ stream: StreamRecord; keyId: string } | null>;
  /** Calls back when a stream or key was created, changed, revoked, removed or taken by a node, from any process (LISTEN/NOTIFY). */
  abstract onChange(listener: (change: { streamId: string }) => void): () => void;
}
