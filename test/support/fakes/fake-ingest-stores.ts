import { type DynamicModule, Global, Module } from '@nestjs/common';
import { AuditLog } from '../../../src/core/persistence/access/audit-log.js';
import { PublishRefusals } from '../../../src/core/persistence/access/publish-refusals.js';
import { ImportStore } from '../../../src/core/persistence/imports/import-store.js';
import { IngestLedger, JobBell } from '../../../src/core/persistence/ledger/ingest-ledger.js';
import { SharedSecrets } from '../../../src/core/persistence/media/shared-secrets.js';
import { StreamOwners } from '../../../src/core/persistence/ownership/stream-owners.js';
import { StreamRetentions } from '../../../src/core/persistence/retention/stream-retention.js';
import { LiveMeasureStore } from '../../../src/core/persistence/streams/live-measure-store.js';
import { StreamStore } from '../../../src/core/persistence/streams/stream-store.js';
import type { FakeAuditLog } from './fake-audit-log.js';
import type { FakeIngestLedger } from './fake-ingest-ledger.js';
import type { FakeJobBell } from './fake-job-bell.js';
import { FakeOwnerTable, FakeStreamOwners } from './fake-stream-owners.js';
import type { FakeStreamStore } from './fake-stream-store.js';

export interface IngestStores {
  readonly ledger: FakeIngestLedger;
  readonly store: FakeStreamStore;
  readonly bell: FakeJobBell;
  readonly audit: FakeAuditLog;
}

/** All that the ingest role asks of the database, without one. */
@Global()
@Module({})
export class FakeIngestStores {
  static of({ ledger, store, bell, audit }: IngestStores): DynamicModule {
    const providers = [
      { provide: IngestLedger, useValue: ledger },
      { provide: StreamStore, useValue: store },
      { provide: JobBell, useValue: bell },
      { provide: AuditLog, useValue: audit },
      { provide: PublishRefusals, useValue: { add: async () => undefined } },
      { provide: SharedSecrets, useValue: { read: async () => Buffer.alloc(32) } },
      { provide: ImportStore, useValue: { unfinished: async () => new Set<string>(), take: async () => null, useless: async () => [] } },
      { provide: StreamRetentions, useValue: { of: async () => ({}) } },
      { provide: LiveMeasureStore, useValue: { write: async () => undefined } },
      { provide: StreamOwners, useValue: new FakeStreamOwners(new FakeOwnerTable()) },
    ];
    return { module: FakeIngestStores, providers, exports: providers.map(({ provide }) => provide) };
  }
}
