import { errorTable, errorFactory } from './errors.js';

/** What can be wrong with media files, and with the ffmpeg processes that write them. */
export const mediaErrors = errorTable({
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
    title: 'The segment is neither MPEG-TS nor fMP4',
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
    fix: 'Publish H.264, HEVC, AV1 or VP9 video and AAC, MP3 or Opus audio.',
  },
  VD_MEDIA_CODEC_CONFIG_INVALID: {
    title: "The publisher's decoder configuration makes no sense",
    httpStatus: 422,
    retryable: false,
    audience: 'operator',
    fix: 'Restart the encoder. If it sends the same again, choose another encoder or codec there.',
  },
  VD_MEDIA_FRAME_DAMAGED: {
    title: 'A frame is not what its codec has',
    httpStatus: 422,
    retryable: false,
    audience: 'operator',
    fix: 'The frame is left out and recorded as a gap. If it happens often, check the encoder and the network between it and Vedette.',
  },
  VD_MEDIA_CONTAINER_UNSUITABLE: {
    title: 'This container cannot carry the codec',
    httpStatus: 422,
    retryable: false,
    audience: 'operator',
    fix: 'Set packaging.container (VEDETTE_PACKAGING_CONTAINER) to auto or fmp4, or publish H.264 or HEVC with AAC or MP3.',
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
  VD_MEDIA_SEGMENT_REFUSED: {
    title: 'A file of another program is not taken',
    httpStatus: 422,
    retryable: false,
    audience: 'operator',
    fix:
      'Segments are plain files that the user who runs Vedette may read: give it read permission (for nginx, add it to the group ' +
      'www-data), and put no links, pipes or devices into the folder.',
  },
  VD_MEDIA_FFMPEG_MISSING: {
    title: 'ffmpeg cannot be started',
    httpStatus: 503,
    retryable: true,
    audience: 'operator',
    fix: 'Install ffmpeg 5.1 or newer so that it is on PATH, or set packaging.ffmpegPath (FFMPEG_PATH) to its program file.',
  },
  VD_MEDIA_LIMIT_REACHED: {
    title: 'A limit of this machine is used up',
    httpStatus: 503,
    retryable: true,
    audience: 'operator',
    fix: 'Raise the limit that is named here, or end what uses it up; Vedette starts the source again.',
  },
  VD_MEDIA_PACKAGER_FAILED: {
    title: 'ffmpeg ended unexpectedly',
    httpStatus: 502,
    retryable: true,
    audience: 'operator',
    fix: 'Read the last lines of ffmpeg; often the input has ended or the media disk is full.',
  },
  VD_MEDIA_PACKAGER_STALLED: {
    title: 'ffmpeg makes no progress',
    httpStatus: 504,
    retryable: true,
    audience: 'operator',
    fix: 'Check that the device or the media disk answers; Vedette starts the source again.',
  },
  VD_MEDIA_PACKAGER_OVERRUN: {
    title: 'Media arrives faster than it can be written',
    httpStatus: 503,
    retryable: true,
    audience: 'operator',
    fix: "Check the load of this machine and the speed of the media disk, or lower the publisher's bitrate.",
  },
  VD_MEDIA_SEGMENT_GONE: {
    title: 'The segment no longer exists',
    httpStatus: 404,
    retryable: false,
    audience: 'operator',
    fix: 'Nothing to do: retention or a user deleted the segment before it was read. Its runs are recorded as skipped(missing).',
  },
  VD_MEDIA_FETCH_FAILED: {
    title: 'The segment could not be fetched from the machine that has it',
    httpStatus: 502,
    retryable: true,
    audience: 'operator',
    fix:
      'Check from this machine that the address named here answers: that the ingest node runs with media.listen, that MEDIA_URL is ' +
      'right and that no firewall stands between. Slow networks need a longer media.fetchTimeout.',
  },
  VD_MEDIA_NO_URL: {
    title: 'No address is known under which the segment can be fetched',
    httpStatus: 503,
    retryable: true,
    audience: 'operator',
    fix:
      'On the ingest node set media.listen (VEDETTE_MEDIA_LISTEN=0.0.0.0:8090) and, if other machines cannot resolve its host name, ' +
      'MEDIA_URL. Or mount its media folder here and set mediaDir to it.',
  },
  VD_MEDIA_ADDRESS_INVALID: {
    title: 'The address is not a signed address of a segment',
    httpStatus: 403,
    retryable: false,
    audience: 'operator',
    fix: 'Use the address exactly as it was given. If every address is refused, check that all machines have the same DATABASE_URL.',
  },
  VD_MEDIA_ADDRESS_EXPIRED: {
    title: 'The signed address has expired',
    httpStatus: 403,
    retryable: false,
    audience: 'operator',
    fix: 'Ask for a new one. If new ones have expired already, set the clocks of the machines by NTP, or raise media.urlTtl.',
  },
  VD_MEDIA_LISTEN_FAILED: {
    title: 'The address for serving segments cannot be listened on',
    httpStatus: 500,
    retryable: false,
    audience: 'operator',
    fix: 'Set media.listen (VEDETTE_MEDIA_LISTEN) to an address of this machine and a port that is free, or end what uses the port.',
  },
  VD_MEDIA_NODE_AWAY: {
    title: 'The machine that has the segment does not answer',
    httpStatus: 503,
    retryable: true,
    audience: 'operator',
    fix:
      'Check that its ingest role runs, and that this machine reaches the address named here. The segment is available again when ' +
      'the machine is.',
  },
  VD_MEDIA_LOOP: {
    title: 'The request was forwarded in a circle',
    httpStatus: 508,
    retryable: false,
    audience: 'operator',
    fix:
      'MEDIA_URL of an ingest node must lead to its own media.listen, or to an API that has its media folder: here it leads to an ' +
      'API that has to fetch the segment itself.',
  },
});

export const mediaError = errorFactory(mediaErrors);
