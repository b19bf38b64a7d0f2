import { describe, expect, it } from 'vitest';
import { ingestError } from '../errors/ingest.errors.js';
import { mediaError } from '../errors/media.errors.js';
import { systemFault } from './system-fault.js';

const coded = (code: string, message: string): Error => Object.assign(new Error(message), { code });

describe(systemFault.name, () => {
  it.each([
    ['a media folder that takes no epoch', ingestError('VD_INGEST_MEDIA_UNWRITABLE', '/media: EROFS: read-only file system, mkdir')],
    ['a full disk', new Error('writing failed', { cause: coded('ENOSPC', 'ENOSPC: no space left on device, write') })],
    [
      'what ffmpeg says of it',
      mediaError('VD_MEDIA_PACKAGER_FAILED', 'ffmpeg exited with code 1; it said: av_interleaved_write_frame(): No space left on device'),
    ],
  ])('blames the system for %s', (_, error) => {
    expect(systemFault(error)).toMatch(/^Vedette cannot store it, which is no fault of the source: .*(EROFS|ENOSPC|No space left)/);
  });

  it.each([
    ['a camera that is not there', coded('ECONNREFUSED', 'connect ECONNREFUSED 10.0.0.7:554')],
    ['media that cannot be packaged', mediaError('VD_MEDIA_PACKAGER_FAILED', 'ffmpeg exited with code 1; it said: Invalid data found')],
    ['nothing', undefined],
  ])('does not blame it for %s', (_, error) => {
    expect(systemFault(error)).toBeUndefined();
  });
});
