import { Global, Module } from '@nestjs/common';
import { HeldReferences } from './held-references.js';
import { ReferenceLibrary } from './reference-library.js';

/** The reference library of a machine without a database: what workers bring. */
@Global()
@Module({
  providers: [HeldReferences, { provide: ReferenceLibrary, useExisting: HeldReferences }],
  exports: [HeldReferences, ReferenceLibrary],
})
export class HeldReferencesModule {}
