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
  /** Name of the ingest node whose config declares it, and where; null: it is changed by REST and the command line. */
  readonly declaredBy: string | null;
  readonly declaredAt: string | null;
}

/** A key that is or was a stream's. */
export interface FoundKey {
  readonly stream: StreamRecord;
  readonly keyId: string;
  /** Null: it opens the stream until it is revoked. */
  readonly expiresAtMs: number | null;
  /** Why it does not open the stream; null: it does. */
  readonly fault: 'revoked' | 'expired' | 'disabled' | null;
}

/** A stream as a config file declares it. */
export interface StreamDeclaration {
  readonly name: string;
  readonly title: string;
  readonly adapterId: string;
  readonly sourceConfig: Record<string, unknown>;
  readonly enabled: boolean;
  readonly isPrivate: boolean;
  readonly node: string | null;
  /** Where in which file. */
  readonly declaredAt: string;
}

/** Ids of streams. */
export interface DeclaredChanges {
  readonly created: readonly string[];
  readonly changed: readonly string[];
  /** Switched off, and free to be changed by others. */
  readonly released: readonly string[];
}

export interface StreamKeyRecord {
  readonly keyId: string;
  readonly hint: string;
  readonly createdAtMs: number;
  readonly revokedAtMs: number | null;
  readonly expiresAtMs: number | null;
  /** Of the last publisher that was let in with it. */
  readonly lastUsedAtMs: number | null;
  readonly lastAddress: string | null;
}

export interface NewStreamKey {
  readonly keyId: string;
  readonly key: string;
  readonly hint: string;
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
  /**
   * Makes and changes streams, by name, as a config file declares them, and switches off what it declared before and does not now. What is
   * as declared is left as it is.
   * @param by name of the ingest node whose config it is
   */
  abstract declare(streams: readonly StreamDeclaration[], by: string): Promise<DeclaredChanges>;
  /** Marks it deleted; its media and results stay until retention takes them. */
  abstract remove(id: string): Promise<boolean>;
  /**
   * Sets the state, and tells the feed when it changed.
   * @param nodeId the ingest node that says so; it is not heard while another living one has the stream
   */
  abstract setState(id: string, state: StreamRecord['state'], detail?: string, nodeId?: string): Promise<void>;
  abstract createKey(streamId: string): Promise<NewStreamKey>;
  abstract listKeys(streamId: string): Promise<StreamKeyRecord[]>;
  /**
   * Makes a key in the place of another, which opens the stream for `graceMs` more; 0: it is revoked.
   * @returns null when the stream has no such key in force
   */
  abstract rotateKey(streamId: string, keyId: string, graceMs: number): Promise<NewStreamKey | null>;
  abstract revokeKey(streamId: string, keyId: string): Promise<boolean>;
  /** What a key is or was for; null when it never was one, or its stream was removed. */
  abstract findByKey(key: string): Promise<FoundKey | null>;
  /** A publisher was let in with the key. */
  abstract keyUsed(keyId: string, address: string): Promise<void>;
  /** Calls back when a stream or key was created, changed, revoked, removed or taken by a node, from any process (LISTEN/NOTIFY). */
  abstract onChange(listener: (change: { streamId: string }) => void): () => void;
}
