import { Logger, type Provider } from '@nestjs/common';
import { join } from 'node:path';
import { VEDETTE_CONFIG, type VedetteConfig } from '../../config/schema.js';
import { knownIdentity } from '../media-folder-identity.js';
import { FETCHED_SEGMENTS_OPTIONS, FetchedSegments, type FetchedSegmentsOptions } from './fetched-segments.js';
import { SegmentCache } from './segment-cache.js';
import { SegmentFiles } from './segment-files.js';

const segmentCache: Provider = {
  provide: SegmentCache,
  inject: [VEDETTE_CONFIG],
  useFactory: async ({ dataDir, media }: VedetteConfig): Promise<SegmentCache> => {
    const cache = new SegmentCache(join(dataDir, 'segment-cache'), media.cacheSize);
    // It only makes room: what cannot be tidied away keeps no worker from starting.
    await cache.clean().catch((error: Error) => new Logger(SegmentCache.name).warn(`${cache.root} could not be tidied: ${error.message}`));
    return cache;
  },
};

/** Segments as files of this machine, wherever they are; needs an address for those that came with none. */
export const fetchedSegments: readonly Provider[] = [
  {
    provide: FETCHED_SEGMENTS_OPTIONS,
    inject: [VEDETTE_CONFIG],
    useFactory: ({ mediaDir, media }: VedetteConfig): FetchedSegmentsOptions => ({
      mediaDir,
      timeoutMs: media.fetchTimeout,
      ownNode: () => knownIdentity(mediaDir),
    }),
  },
  segmentCache,
  { provide: SegmentFiles, useClass: FetchedSegments },
];
