import { errorTable, errorFactory } from './errors.js';

/** Why a file does not become part of a stream. */
export const importErrors = errorTable({
  VD_IMPORT_NOT_MEDIA: {
    title: 'The file is no video',
    httpStatus: 422,
    retryable: false,
    audience: 'user',
    fix: 'Bring a video file: MP4, MOV, MKV, WebM, MPEG-TS, AVI, FLV, MPEG-PS, ASF, Ogg or MXF.',
  },
  VD_IMPORT_UNREADABLE: {
    title: 'The file cannot be read',
    httpStatus: 422,
    retryable: false,
    audience: 'user',
    fix: 'Play it in a player to see whether it is whole, and copy or record it again: the index of an MP4 is often at its very end.',
  },
  VD_IMPORT_NO_VIDEO: {
    title: 'There are no pictures in the file',
    httpStatus: 422,
    retryable: false,
    audience: 'user',
    fix: 'Bring a file with a video track.',
  },
  VD_IMPORT_ENCRYPTED: {
    title: 'The file is encrypted',
    httpStatus: 422,
    retryable: false,
    audience: 'user',
    fix: 'Bring a copy without encryption (DRM).',
  },
  VD_IMPORT_CODEC_UNSUPPORTED: {
    title: 'The pictures of the file cannot be decoded',
    httpStatus: 422,
    retryable: false,
    audience: 'user',
    fix: 'Convert the file first, for example: ffmpeg -i in.mov -c:v libx264 -c:a aac out.mp4',
  },
  VD_IMPORT_READER_FAILED: {
    title: 'Reading the file broke off',
    httpStatus: 500,
    retryable: true,
    audience: 'operator',
    fix: 'Resume the import: it goes on where it was. If it breaks off at the same place, convert the file first.',
  },
  VD_IMPORT_FILE_GONE: {
    title: 'The file is not there',
    httpStatus: 409,
    retryable: false,
    audience: 'operator',
    fix:
      'The machine that has the stream must see the file: bring it through the API of that machine, or put `imports.folder` on storage ' +
      'that both share.',
  },
  VD_IMPORT_OVERLAPS: {
    title: 'The stream has a recording of that time already',
    httpStatus: 409,
    retryable: false,
    audience: 'user',
    fix: 'Give another `recordedAt`, or import the file into another stream.',
  },
  VD_IMPORT_TOO_OLD: {
    title: 'The recording is older than what the stream keeps',
    httpStatus: 422,
    retryable: false,
    audience: 'user',
    fix: 'Lengthen what the stream keeps (`maxAge` in PUT /api/streams/{id}/retention), or give a later `recordedAt`.',
  },
  VD_IMPORT_NOT_A_FILE_STREAM: {
    title: 'The stream takes no files',
    httpStatus: 409,
    retryable: false,
    audience: 'user',
    fix: 'Create a stream for files (`adapterId: "file"`) and import into that one.',
  },
  VD_IMPORT_TOO_LARGE: {
    title: 'The file is larger than imports may be',
    httpStatus: 413,
    retryable: false,
    audience: 'user',
    fix: 'Raise `imports.maxSize` in the config, or cut the file into parts.',
  },
  VD_IMPORT_NO_SPACE: {
    title: 'There is no room for the file',
    httpStatus: 507,
    retryable: true,
    audience: 'operator',
    fix: 'Make room on the disk that is named here, or shorten retention: the file and what is made of it need twice its size.',
  },
  VD_IMPORT_TOO_MANY: {
    title: 'Too many imports wait',
    httpStatus: 429,
    retryable: true,
    audience: 'user',
    fix: 'Wait until some are done, or cancel some.',
  },
  VD_IMPORT_OFFSET: {
    title: 'The piece does not follow what is here',
    httpStatus: 409,
    retryable: true,
    audience: 'user',
    fix: 'Ask with GET how many bytes are here (`receivedBytes`) and go on from there.',
  },
  VD_IMPORT_STATE: {
    title: 'The import is not in a state for that',
    httpStatus: 409,
    retryable: false,
    audience: 'user',
    fix: 'Look at the `state` of the import first: what is done, or cancelled, does not go on.',
  },
  VD_IMPORT_PATH_REFUSED: {
    title: 'The file is not in a folder that imports may read',
    httpStatus: 403,
    retryable: false,
    audience: 'operator',
    fix: 'Name its folder under `imports.folders` in the config, or upload the file. Links out of those folders are not followed.',
  },
});

export const importError = errorFactory(importErrors);
