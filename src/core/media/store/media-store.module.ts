import { Global, Module } from '@nestjs/common';
import { VEDETTE_CONFIG, type VedetteConfig } from '../../config/schema.js';
import { LocalSegmentFiles, SegmentFiles } from './segment-files.js';

/** Where this process gets segments from. Needs the global ConfigModule. */
@Global()
@Module({
  providers: [{ provide: SegmentFiles, inject: [VEDETTE_CONFIG], useFactory: ({ mediaDir }: VedetteConfig) => new LocalSegmentFiles(mediaDir) }],
  exports: [SegmentFiles],
})
export class MediaStoreModule {}
