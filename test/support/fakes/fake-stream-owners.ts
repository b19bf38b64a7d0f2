import { ingestError } from '../../../src/core/errors/ingest.errors.js';
import {
  type Claim,
  type Holding,
  type IngestNode,
  type NodeRecord,
  type OwnerRecord,
  type Renewal,
  StreamOwners,
} from '../../../src/core/persistence/ownership/stream-owners.js';

interface OwnerRow {
  nodeId: string;
  fence: number;
  untilMs: number;
  sinceMs: number;
}

/** What the nodes share, with a clock of its own: the database. */
export class FakeOwnerTable {
  readonly nodes = new Map<string, { node: IngestNode; process: object; untilMs: number }>();
  readonly owners = new Map<string, OwnerRow>();
  fences = 0;
  /** While set every call fails with it. */
  down: Error | null = null;

  constructor(readonly nowMs: () => number = () => performance.now()) {}
}

/** {@link StreamOwners} in memory: the same answers as the real one's statements. */
export class FakeStreamOwners extends StreamOwners {
  /** While set this node cannot reach the table. */
  cut: Error | null = null;
  private readonly process = {};
  private node: IngestNode | undefined;
  private leaseMs = 0;

  constructor(readonly table: FakeOwnerTable) {
    super();
  }

  async join(node: IngestNode, leaseMs: number): Promise<void> {
    await this.answer();
    const known = this.table.nodes.get(node.id);
    if (known !== undefined && known.untilMs > this.table.nowMs()) throw ingestError('VD_INGEST_NODE_TAKEN', node.id);
    this.node = node;
    this.leaseMs = leaseMs;
    this.table.nodes.set(node.id, { node, process: this.process, untilMs: this.until() });
    for (const owner of this.table.owners.values()) if (owner.nodeId === node.id) owner.untilMs = this.until();
  }

  async recordedBy(): Promise<string | null> {
    await this.answer();
    return null;
  }

  async renew(streams: readonly Holding[]): Promise<Renewal> {
    await this.answer();
    const { nodes, owners } = this.table;
    const me = nodes.get(this.id());
    if (me?.process !== this.process) throw ingestError('VD_INGEST_NODE_TAKEN', this.id());
    const lapsed = !this.isAlive(me);
    me.untilMs = this.until();
    const held = streams.filter(({ streamId, fence }) => {
      const owner = owners.get(streamId);
      if (owner?.nodeId !== this.id() || String(owner.fence) !== fence) return false;
      owner.untilMs = this.until();
      return true;
    });
    const others = [...nodes.values()].filter((other) => other !== me && this.isAlive(other)).map(({ node }) => node.id);
    return { held: held.map(({ streamId }) => streamId), lapsed, others: others.sort() };
  }

  async claim(streamId: string, { known, takeOver }: Parameters<StreamOwners['claim']>[1]): Promise<Claim> {
    await this.answer();
    const nowMs = this.table.nowMs();
    const me = this.table.nodes.get(this.id());
    if (me?.process !== this.process || !this.isAlive(me)) return { fence: null };
    const before = this.table.owners.get(streamId);
    const isMine = before?.nodeId === this.id();
    const isTakeable = takeOver !== undefined && before !== undefined && before.sinceMs <= nowMs - takeOver.holdMs;
    if (before !== undefined && !isMine && this.isAlive(before) && !isTakeable) {
      return { fence: null, ...(takeOver && { holdLeftMs: before.sinceMs + takeOver.holdMs - nowMs }) };
    }
    me.untilMs = this.until();
    const fence = isMine && String(before.fence) === known ? before.fence : ++this.table.fences;
    this.table.owners.set(streamId, { nodeId: this.id(), fence, untilMs: this.until(), sinceMs: isMine ? before.sinceMs : nowMs });
    return { fence: String(fence), from: before !== undefined && !isMine && this.isAlive(before) ? this.nameOf(before.nodeId) : null };
  }

  async release(streams: readonly Holding[]): Promise<void> {
    await this.answer();
    for (const { streamId, fence } of streams)
      if (String(this.table.owners.get(streamId)?.fence) === fence) this.table.owners.delete(streamId);
  }

  async nodes(): Promise<NodeRecord[]> {
    await this.answer();
    return [...this.table.nodes.values()].map((row) => ({ ...row.node, alive: this.isAlive(row) }));
  }

  async owners(): Promise<OwnerRecord[]> {
    await this.answer();
    return [...this.table.owners].map(([streamId, row]) => ({
      streamId,
      nodeId: row.nodeId,
      nodeName: this.nameOf(row.nodeId),
      alive: this.isAlive(row),
    }));
  }

  async leave(): Promise<void> {
    await this.answer();
    const me = this.node && this.table.nodes.get(this.node.id);
    if (me?.process !== this.process) return;
    me.untilMs = this.table.nowMs();
    for (const [streamId, { nodeId }] of this.table.owners) if (nodeId === me.node.id) this.table.owners.delete(streamId);
  }

  private id(): string {
    if (this.node === undefined) throw new Error('The node has not joined');
    return this.node.id;
  }

  private nameOf(nodeId: string): string {
    return this.table.nodes.get(nodeId)?.node.name ?? nodeId;
  }

  private until(): number {
    return this.table.nowMs() + this.leaseMs;
  }

  private isAlive(row: { untilMs: number }): boolean {
    return row.untilMs > this.table.nowMs();
  }

  private async answer(): Promise<void> {
    await Promise.resolve();
    const error = this.cut ?? this.table.down;
    if (error !== null) throw error;
  }
}
