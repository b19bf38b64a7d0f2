import { Module } from '@nestjs/common';
import { ReadModule } from '../read/read.module.js';
import { BackfillApplier } from './backfill-applier.js';
import { BackfillDifferences } from './backfill-differences.js';
import { BackfillStore } from './backfill-store.js';
import { BackfillWork } from './backfill-work.js';
import { KnownRange } from './known-range.js';

/** Recordings that are analysed again. Needs the global PersistenceModule. */
@Module({
  imports: [ReadModule],
  providers: [BackfillApplier, BackfillDifferences, BackfillStore, BackfillWork, KnownRange],
  exports: [BackfillDifferences, BackfillStore, BackfillWork, KnownRange],
})
export class BackfillModule {}
