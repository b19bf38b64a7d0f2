import { Global, Module, type OnApplicationShutdown } from '@nestjs/common';
import { VEDETTE_CONFIG, type VedetteConfig } from '../../config/schema.js';
import { fetchedSegments, segmentCache } from './fetched-segments.providers.js';
import { SegmentCache } from './segment-cache.js';
import { SegmentFiles } from './segment-files.js';

/** What {@link MediaStoreModule} is elsewhere, for a machine without a database: it signs nothing, and fetches what comes with an address. */
@Global()
@Module({
  providers: [segmentCache, { provide: SegmentFiles, inject: [VEDETTE_CONFIG, SegmentCache], useFactory: (config: VedetteConfig, cache: SegmentCache) => fetchedSegments(config, cache) }],
  exports: [SegmentFiles],
})
export class WorkerHostMediaModule implements OnApplicationShutdown {
  constructor(private readonly cache: SegmentCache) {}

  onApplicationShutdown(): Promise<void> {
    return this.cache.close();
  }
}
