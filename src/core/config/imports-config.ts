import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { durationMs, sizeBytes } from './duration.js';

const folder = z.string().max(4_096).refine(isAbsolute, 'an absolute path');

/** Files that people bring into streams. */
export const importsConfig = z
  .strictObject({
    folder: folder
      .optional()
      .describe(
        'Where uploaded files lie until they are in their stream; absent: `imports` in the data folder. With API and ingest on several ' +
          'machines: a folder that all of them share',
      ),
    folders: z
      .array(folder)
      .max(100)
      .default([])
      .describe(
        'Folders of the ingest machine whose files may be imported without an upload; none by default. Links do not lead out of them',
      ),
    maxSize: sizeBytes.prefault('100GB').describe('Largest file that may be imported'),
    keepFailed: durationMs.prefault('7d').describe('How long the uploaded file of a failed import is kept, to be tried again'),
  })
  .prefault({});
