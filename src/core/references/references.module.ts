import { Module, type OnApplicationShutdown } from '@nestjs/common';
import { CHILD_CONFINEMENT, type LazyConfinement } from '../config/child-confinement.js';
import { MediaStoreModule } from '../media/store/media-store.module.js';
import { ReadModule } from '../persistence/read/read.module.js';
import { BrandIcons } from './brand-icons.js';
import { BrandLibrary } from './brand-library.js';
import { PictureReader, READER, READER_LAUNCH } from './picture-reader.js';
import type { ReaderLaunch } from './reader-process.js';
import { StreamFrames } from './stream-frames.js';
import { ThumbnailSheets } from './thumbnail-sheets.js';

/** Editing of the reference library, for the API and the command line. Workers have the `ReferenceLibrary` of PersistenceModule. */
@Module({
  imports: [ReadModule, MediaStoreModule],
  providers: [
    BrandIcons,
    {
      provide: READER_LAUNCH,
      inject: [CHILD_CONFINEMENT],
      useFactory: (confinement: LazyConfinement): ReaderLaunch => ({ ...READER, confinement }),
    },
    PictureReader,
    StreamFrames,
    ThumbnailSheets,
    BrandLibrary,
  ],
  exports: [BrandLibrary, StreamFrames, ThumbnailSheets],
})
export class ReferencesModule implements OnApplicationShutdown {
  constructor(private readonly reader: PictureReader) {}

  onApplicationShutdown(): void {
    this.reader.close();
  }
}
