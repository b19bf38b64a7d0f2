import { Inject, Injectable } from '@nestjs/common';
import { DATABASE_URL } from '../database-url.js';
import { setImmediate } from 'node:timers/promises';
import { brandError } from '../../errors/brand.errors.js';
import type { ReferenceImage, ReferenceSet } from '../../plugin-api/index.js';
import { readOwnPng } from '../../brands/png-pixels.js';
import { ReferenceLibrary } from '../../brands/reference-library.js';
import { Database } from '../database.js';
import { isConnectionLoss } from '../sql-errors.js';
import { HeardMemory } from '../notify/notified-cache.js';
import { LOGO, REFERENCES_CHANNEL } from './reference-changes.js';
import { errorText } from '../../plugin-api/error.js';

interface ImageRow {
  revision: string;
  id: string | null;
  brand_id: string;
  name: string;
  variant: string;
  has_alpha: boolean;
  png: Buffer;
}

const REVISION = { name: 'reference_revision', text: 'SELECT revision FROM reference_revisions WHERE kind = $1' };
/** One statement, hence one snapshot: the images are those of the revision. */
const LOGOS = {
  name: 'reference_logos',
  text: `
SELECT coalesce(r.revision, 0) AS revision, i.id, i.brand_id, b.name, i.variant, i.has_alpha, i.png
FROM (SELECT 1) one
LEFT JOIN reference_revisions r ON r.kind = $1
LEFT JOIN (reference_images i JOIN brands b ON b.id = i.brand_id AND b.enabled AND b.deleted_at IS NULL) ON i.enabled
  AND i.deleted_at IS NULL
ORDER BY b.name, i.created_at, i.id`,
};

/** The references in PostgreSQL. The revision is served from memory while every change is notified. */
@Injectable()
export class PgReferenceLibrary extends ReferenceLibrary {
  private readonly revisions: HeardMemory<number>;

  constructor(
    private readonly sql: Database,
    @Inject(DATABASE_URL) databaseUrl: string,
  ) {
    super();
    this.revisions = new HeardMemory({ databaseUrl, channel: REFERENCES_CHANNEL, ask: (kind) => this.ask(kind) });
  }

  /** While the database is away, the revision that was last known. @throws VD_REFERENCES_UNAVAILABLE when there is none */
  async revision(kind: string): Promise<number> {
    return this.revisions.get(kind).catch((error: unknown) => {
      throw unavailable(kind, error);
    });
  }

  async load(kind: string): Promise<ReferenceSet> {
    const rows = await this.sql.rows<ImageRow>(LOGOS, [kind]).catch((error: unknown) => {
      throw isConnectionLoss(error) ? unavailable(kind, error) : error;
    });
    const images: ReferenceImage[] = [];
    for (const row of rows) {
      if (kind !== LOGO || row.id === null) continue;
      images.push(referenceImage(row));
      // Hundreds of images take seconds; leases are renewed in between.
      await setImmediate();
    }
    return { kind, revision: Number(rows[0]?.revision ?? 0), images };
  }

  async close(): Promise<void> {
    await this.revisions.close();
  }

  private async ask(kind: string): Promise<number> {
    const [row] = await this.sql.rows<{ revision: string }>(REVISION, [kind]);
    return Number(row?.revision ?? 0);
  }
}

const unavailable = (kind: string, cause: unknown): Error =>
  brandError('VD_REFERENCES_UNAVAILABLE', `The references of kind ${kind} could not be read: ${errorText(cause)}`, { cause });

function referenceImage(row: ImageRow): ReferenceImage {
  return {
    id: row.id ?? '',
    subjectId: row.brand_id,
    label: row.name,
    variant: row.variant,
    hasAlpha: row.has_alpha,
    ...readOwnPng(row.png),
  };
}
