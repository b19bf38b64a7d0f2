import { Global, Module, type OnApplicationShutdown } from '@nestjs/common';
import { fetchedSegments } from './fetched-segments.providers.js';
import { SegmentCache } from './segment-cache.js';
import { SegmentFiles } from './segment-files.js';

/**
 * What {@link MediaStoreModule} is elsewhere, for a machine without a database: it signs nothing, and fetches what comes with an
 * address.
 */
@Global()
@Module({
  providers: [...fetchedSegments],
  exports: [SegmentFiles],
})
export class WorkerHostMediaModule implements OnApplicationShutdown {
  constructor(private readonly cache: SegmentCache) {}

  onApplicationShutdown(): Promise<void> {
    return this.cache.close();
  }
}
