import { Module, type OnApplicationShutdown } from '@nestjs/common';
import { CHILD_CONFINEMENT, type LazyConfinement } from '../config/child-confinement.js';
import { MediaStoreModule } from '../media/store/media-store.module.js';
import { SegmentFiles } from '../media/store/segment-files.js';
import { AuditLog } from '../persistence/access/audit-log.js';
import { ReadModule } from '../persistence/read/read.module.js';
import { BrandStore } from '../persistence/references/brand-store.js';
import { FrameSegments } from '../persistence/references/frame-segments.js';
import { BrandIcons } from './brand-icons.js';
import { BrandLibrary } from './brand-library.js';
import { PictureReader, READER, READER_LAUNCH } from './picture-reader.js';
import type { ReaderLaunch } from './reader-process.js';
import { StreamFrames } from './stream-frames.js';

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
    { provide: PictureReader, inject: [READER_LAUNCH], useFactory: (launch: ReaderLaunch) => new PictureReader(launch) },
    {
      provide: StreamFrames,
      inject: [FrameSegments, PictureReader, SegmentFiles],
      useFactory: (segments: FrameSegments, reader: PictureReader, files: SegmentFiles) => new StreamFrames(segments, reader, files),
    },
    {
      provide: BrandLibrary,
      inject: [BrandStore, BrandIcons, PictureReader, StreamFrames, AuditLog],
      useFactory: (store: BrandStore, icons: BrandIcons, reader: PictureReader, frames: StreamFrames, audit: AuditLog) =>
        new BrandLibrary(store, icons, reader, frames, audit),
    },
  ],
  exports: [BrandLibrary, StreamFrames],
})
export class ReferencesModule implements OnApplicationShutdown {
  constructor(private readonly reader: PictureReader) {}

  onApplicationShutdown(): void {
    this.reader.close();
  }
}
