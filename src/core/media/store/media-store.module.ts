import { Global, Module, type OnApplicationShutdown } from '@nestjs/common';
import { VEDETTE_CONFIG, type VedetteConfig } from '../../config/schema.js';
import { PersistenceModule } from '../../persistence/persistence.module.js';
import { SEGMENT_URLS } from '../../plugin-api/index.js';
import { clocks } from '../../runtime/clocks.js';
import { knownIdentity } from '../media-folder-identity.js';
import { fetchedSegments } from './fetched-segments.providers.js';
import { MediaKey } from './media-key.js';
import { SEGMENT_ADDRESSES_OPTIONS, SegmentAddresses, type SegmentAddressesOptions } from './segment-addresses.js';
import { SegmentCache } from './segment-cache.js';
import { SegmentFiles } from './segment-files.js';
import { SegmentSigner } from './segment-signer.js';

/** Signed addresses of segments, and segments of all nodes as files of this machine. Needs the global ConfigModule. */
@Global()
@Module({
  imports: [PersistenceModule],
  providers: [
    ...clocks,
    MediaKey,
    SegmentSigner,
    {
      provide: SEGMENT_ADDRESSES_OPTIONS,
      inject: [VEDETTE_CONFIG],
      useFactory: ({ mediaDir, media }: VedetteConfig): SegmentAddressesOptions => ({
        url: media.url,
        ttlMs: media.urlTtl,
        ownNode: () => knownIdentity(mediaDir),
      }),
    },
    SegmentAddresses,
    { provide: SEGMENT_URLS, useExisting: SegmentAddresses },
    ...fetchedSegments,
  ],
  exports: [SegmentFiles, MediaKey, SegmentSigner, SegmentAddresses, SEGMENT_URLS],
})
export class MediaStoreModule implements OnApplicationShutdown {
  constructor(private readonly cache: SegmentCache) {}

  onApplicationShutdown(): Promise<void> {
    return this.cache.close();
  }
}
