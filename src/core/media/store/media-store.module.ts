import { Global, Module, type OnApplicationShutdown } from '@nestjs/common';
import { VEDETTE_CONFIG, type VedetteConfig } from '../../config/schema.js';
import { MediaNodes } from '../../persistence/media/media-nodes.js';
import { SharedSecrets } from '../../persistence/media/shared-secrets.js';
import { PersistenceModule } from '../../persistence/persistence.module.js';
import { SEGMENT_URLS } from '../../plugin-api/index.js';
import { knownIdentity } from '../media-folder-identity.js';
import { fetchedSegments, segmentCache } from './fetched-segments.providers.js';
import { MediaKey } from './media-key.js';
import { SegmentAddresses } from './segment-addresses.js';
import { SegmentCache } from './segment-cache.js';
import { SegmentFiles } from './segment-files.js';
import { SegmentSigner } from './segment-signer.js';

/** Signed addresses of segments, and segments of all nodes as files of this machine. Needs the global ConfigModule. */
@Global()
@Module({
  imports: [PersistenceModule],
  providers: [
    { provide: MediaKey, inject: [SharedSecrets], useFactory: (secrets: SharedSecrets) => new MediaKey(secrets) },
    { provide: SegmentSigner, inject: [MediaKey], useFactory: (key: MediaKey) => new SegmentSigner(key) },
    {
      provide: SegmentAddresses,
      inject: [VEDETTE_CONFIG, MediaNodes, SegmentSigner, MediaKey],
      useFactory: ({ mediaDir, media }: VedetteConfig, nodes: MediaNodes, signer: SegmentSigner, key: MediaKey) =>
        new SegmentAddresses({ url: media.url, ttlMs: media.urlTtl, nodes, signer, key, ownNode: () => knownIdentity(mediaDir) }),
    },
    { provide: SEGMENT_URLS, useExisting: SegmentAddresses },
    segmentCache,
    { provide: SegmentFiles, inject: [VEDETTE_CONFIG, SegmentCache, SegmentAddresses], useFactory: fetchedSegments },
  ],
  exports: [SegmentFiles, MediaKey, SegmentSigner, SegmentAddresses, SEGMENT_URLS],
})
export class MediaStoreModule implements OnApplicationShutdown {
  constructor(private readonly cache: SegmentCache) {}

  onApplicationShutdown(): Promise<void> {
    return this.cache.close();
  }
}
