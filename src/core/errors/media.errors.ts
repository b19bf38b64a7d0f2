import { defineErrors, errorFactory } from './errors.js';

/** What can be wrong with media files, and with the ffmpeg processes that write them. */
export const mediaErrors = defineErrors({
  VD_MEDIA_UNREADABLE: {
    title: 'The segment cannot be decoded',
    httpStatus: 422,
    retryable: false,
    audience: 'operator',
    fix: 'The file is damaged; later segments are not affected. If every segment is so, check the publisher and the disk.',
  },
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
  VD_MEDIA_DAMAGED: {
    title: 'Parts of the segment are missing',
    httpStatus: 422,
    retryable: false,
    audience: 'operator',
    fix: 'Look at the free space of the media disk. Frames that are lost are recorded as a gap.',
  },
  VD_MEDIA_TOO_LARGE: {
    title: 'The segment is too large to read',
    httpStatus: 422,
    retryable: false,
    audience: 'operator',
    fix: 'Set the publisher to a keyframe every 2 s and a bitrate below 100 Mbit/s: a segment ends only at a keyframe.',
  },
  VD_MEDIA_FILE_UNREADABLE: {
    title: 'The segment file cannot be read',
    httpStatus: 500,
    retryable: false,
    audience: 'operator',
    fix: 'Check the permissions and the health of the media disk.',
  },
  VD_MEDIA_PLAYLIST_INVALID: {
    title: "The epoch's playlist cannot be read",
    httpStatus: 422,
    retryable: true,
    audience: 'operator',
    fix: 'Let nothing else write into the media folder, and look at the free space of its disk.',
  },
  VD_MEDIA_INPUT_REFUSED: {
    title: 'The packager refuses this input',
    httpStatus: 400,
    retryable: false,
    audience: 'developer',
    fix: 'Give the name of an ffmpeg input format, a URL or device without line breaks, and plain protocol names.',
  },
  VD_MEDIA_FFMPEG_MISSING: {
    title: 'ffmpeg cannot be started',
    httpStatus: 503,
    retryable: true,
    audience: 'operator',
    fix: 'Install ffmpeg 5.1 or newer so that it is on PATH, or set packaging.ffmpegPath (FFMPEG_PATH) to its program file.',
  },
  VD_MEDIA_PACKAGER_FAILED: {
    title: 'ffmpeg ended by itself',
    httpStatus: 502,
    retryable: true,
    audience: 'operator',
    fix: 'Read what ffmpeg said last; often the input went away or the media disk is full.',
  },
  VD_MEDIA_PACKAGER_STALLED: {
    title: 'ffmpeg makes no progress',
    httpStatus: 504,
    retryable: true,
    audience: 'operator',
    fix: 'Check that the device or the media disk answers; the source is started anew.',
  },
  VD_MEDIA_PACKAGER_OVERRUN: {
    title: 'Media arrives faster than it can be written',
    httpStatus: 503,
    retryable: true,
    audience: 'operator',
    fix: "Check the load of this machine and the speed of the media disk, or lower the publisher's bitrate.",
  },
});

export const mediaError = errorFactory(mediaErrors);
