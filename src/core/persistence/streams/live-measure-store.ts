import { Injectable } from '@nestjs/common';
import type { LiveMeasures } from '../../health/stream-measures.js';
import { Database } from '../database.js';

export interface LiveReport {
  readonly streamId: string;
  readonly epochId: string;
  readonly measures: LiveMeasures;
}

/** What ingest processes say of epochs that go on; said anew, or not true any more. */
@Injectable()
export class LiveMeasureStore {
  constructor(private readonly database: Database) {}

  /** @param reports one for each stream at most */
  async write(reports: readonly LiveReport[]): Promise<void> {
    if (reports.length > 0) await this.database.rows(WRITE, [JSON.stringify(reports)]);
  }
}

const WRITE = {
  name: 'write_live_measures',
  text: `
INSERT INTO live_measures (stream_id, epoch_id, measures)
SELECT "streamId", "epochId", measures FROM jsonb_to_recordset($1::jsonb) AS x("streamId" uuid, "epochId" uuid, measures jsonb)
ORDER BY "streamId"
ON CONFLICT (stream_id) DO UPDATE SET epoch_id = EXCLUDED.epoch_id, measures = EXCLUDED.measures, measured_at = EXCLUDED.measured_at`,
};
