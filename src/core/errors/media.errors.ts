import { defineErrors, errorFactory } from './errors.js';

/** What can be wrong with media files, and with the ffmpeg processes that write them. */
export const mediaErrors = defineErrors({
  VD_MEDIA_EMPTY: {
    title: 'The segment is empty',
    httpStatus: 422,
    retryable: false,
    audience: 'operator',
    fix: 'Look at the free space of the media disk: a full disk leaves empty segments.',
  },
  VD_MEDIA_NOT_MPEGTS: {
    title: 'The segment is not MPEG-TS',
    httpStatus: 422,
    retryable: false,
    audience: 'operator',
    fix: 'Let nothing else write into the media folder. If a disk check finds errors, replace the disk.',
  },
  VD_MEDIA_NO_PROGRAM: {
    title: 'The segment names no programme',
    httpStatus: 422,
    retryable: false,
    audience: 'operator',
    fix: 'The file is cut off or damaged at its start; later segments are not affected.',
  },
  VD_MEDIA_NO_FRAMES: {
    title: 'The segment holds no frames',
    httpStatus: 422,
    retryable: false,
    audience: 'operator',
    fix: 'The file is cut off or damaged; later segments are not affected. If every segment is so, check the publisher.',
  },
  VD_MEDIA_UNSUPPORTED_CODEC: {
    title: 'The segment holds no supported codec',
    httpStatus: 422,
    retryable: false,
    audience: 'operator',
    fix: 'Publish H.264 or HEVC video and AAC audio.',
  },
});

export const mediaError = errorFactory(mediaErrors);
