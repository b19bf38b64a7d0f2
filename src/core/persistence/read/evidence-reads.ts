import { Injectable } from '@nestjs/common';
import type { EvidenceWire } from '../../wire/evidence.wire.js';
import { Database } from '../database.js';
import { evidenceFromRow, evidenceValue, type EvidenceRow } from './evidence-rows.js';
import type { SightingFilter } from './exposure-reads.js';
import { SqlWhere } from './sql-where.js';

/** As many as appearances are added up of a range. */
const MAX_ROWS = 100_000;
const TIMEOUT_MS = 10_000;

const ONE = {
  name: 'evidence_of_event',
  text: `SELECT v.stream_id, k.run_id, k.pts_us, k.jpeg FROM evidence k JOIN events v ON v.id = k.event_id WHERE k.event_id = $1::bigint`,
};

export interface KeptPicture {
  readonly streamId: string;
  readonly runId: string;
  readonly ptsUs: number;
  readonly jpeg: Buffer;
}

/** Evidence, and of whom it is. */
export interface SubjectEvidence {
  readonly epochId: string;
  readonly subjectId: string;
  readonly evidence: EvidenceWire;
}

/** Pictures that were kept of events. */
@Injectable()
export class EvidenceReads {
  constructor(private readonly database: Database) {}

  async picture(eventId: string): Promise<KeptPicture | undefined> {
    const [row] = await this.database.rows<{ stream_id: string; run_id: string; pts_us: string; jpeg: Buffer }>(ONE, [eventId]);
    return row && { streamId: row.stream_id, runId: row.run_id, ptsUs: Number(row.pts_us), jpeg: row.jpeg };
  }

  /** What was kept of brands in a range. */
  async ofBrands({ streamId, analyzerIds, epochId, fromMs, toMs }: SightingFilter): Promise<SubjectEvidence[]> {
    const where = new SqlWhere()
      .add('v.stream_id = ?', streamId)
      .add('v.analyzer_id = ANY(?::text[])', analyzerIds)
      .add('v.start_at < ?::timestamptz', new Date(toMs).toISOString())
      .add('(v.end_at IS NULL OR v.end_at >= ?::timestamptz)', new Date(fromMs).toISOString());
    if (epochId !== undefined) where.add('v.epoch_id = ?', epochId);
    const found = await this.database.bounded<{ id: string; epoch_id: string; subject_id: string | null; evidence: EvidenceRow }>(
      `SELECT v.id, v.epoch_id, COALESCE(v.data->>'subjectId', v.data->>'label') AS subject_id, ${evidenceValue} AS evidence
       FROM events v JOIN evidence k ON k.event_id = v.id WHERE ${where} ORDER BY v.start_at, v.id LIMIT ${MAX_ROWS}`,
      where.params,
      TIMEOUT_MS,
    );
    return found.map(({ id, epoch_id, subject_id, evidence }) => ({
      epochId: epoch_id,
      subjectId: subject_id ?? '',
      evidence: evidenceFromRow(id, evidence),
    }));
  }
}
