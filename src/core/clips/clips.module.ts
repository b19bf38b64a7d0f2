import { Module } from '@nestjs/common';
import { MediaStoreModule } from '../media/store/media-store.module.js';
import { componentLoggers } from '../observability/component-logger.js';
import { ReadModule } from '../persistence/read/read.module.js';
import { BoxScript } from './boxes/box-script.js';
import { CaseContents } from './case-contents.js';
import { Exports } from './exports.js';

/** What is exported of streams, in the API role. Needs ConfigModule, ObservabilityModule and PersistenceModule, all global. */
@Module({
  imports: [MediaStoreModule, ReadModule],
  providers: [...componentLoggers('clips'), BoxScript, CaseContents, Exports],
  exports: [BoxScript, CaseContents, Exports],
})
export class ClipsModule {}
