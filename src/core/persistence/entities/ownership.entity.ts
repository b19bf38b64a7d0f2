import { Column, Entity, PrimaryColumn } from 'typeorm';

/** An ingest node, by its lease; one that ended or died keeps its row, so that what it left open is known to be nobody's. */
@Entity('ingest_nodes')
export class IngestNodeEntity {
  /** Of its media folder. */
  @PrimaryColumn({ type: 'text' }) id!: string;
  @Column({ type: 'text' }) name!: string;
  @Column({ type: 'text' }) host!: string;
  @Column({ type: 'int' }) pid!: number;
  /** The process that has the id now. */
  @Column({ type: 'text' }) process!: string;
  @Column({ type: 'timestamptz', name: 'started_at' }) startedAt!: Date;
  @Column({ type: 'timestamptz', name: 'lease_until' }) leaseUntil!: Date;
}

/** The node that has a stream, for as long as it renews its lease. */
@Entity('stream_owners')
export class StreamOwnerEntity {
  @PrimaryColumn({ type: 'uuid', name: 'stream_id' }) streamId!: string;
  @Column({ type: 'text', name: 'node_id' }) nodeId!: string;
  @Column({ type: 'text', name: 'node_name' }) nodeName!: string;
  @Column({ type: 'bigint' }) fence!: string;
  @Column({ type: 'timestamptz', name: 'lease_until' }) leaseUntil!: Date;
  @Column({ type: 'timestamptz' }) since!: Date;
}
