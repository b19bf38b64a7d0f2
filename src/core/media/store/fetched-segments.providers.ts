import { Logger, type Provider } from '@nestjs/common';
import { join } from 'node:path';
import { VEDETTE_CONFIG, type VedetteConfig } from '../../config/schema.js';
import { knownIdentity } from '../media-folder-identity.js';
import { FetchedSegments } from './fetched-segments.js';
import type { SegmentAddresses } from './segment-addresses.js';
import { SegmentCache } from './segment-cache.js';

export const segmentCache: Provider = {
  provide: SegmentCache,
  inject: [VEDETTE_CONFIG],
  useFactory: async ({ dataDir, media }: VedetteConfig): Promise<SegmentCache> => {
    const cache = new SegmentCache(join(dataDir, 'segment-cache'), media.cacheSize);
    // It only makes room: what cannot be tidied away keeps no worker from starting.
    await cache.clean().catch((error: Error) => new Logger(SegmentCache.name).warn(`${cache.root} could not be tidied: ${error.message}`));
    return cache;
  },
};

/** @param addresses absent on a machine that has no database */
export const fetchedSegments = ({ mediaDir, media }: VedetteConfig, cache: SegmentCache, addresses?: SegmentAddresses): FetchedSegments =>
  new FetchedSegments({ mediaDir, cache, timeoutMs: media.fetchTimeout, ownNode: () => knownIdentity(mediaDir), ...(addresses === undefined ? {} : { addresses }) });
