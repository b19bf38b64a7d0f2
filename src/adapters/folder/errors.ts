import { defineErrors } from 'vedette/plugin';

/** What can be wrong with a folder that another program writes into. */
export const folderError = defineErrors({
  VD_FOLDER_AMBIGUOUS: {
    fix: 'Set `name` to the stream you mean',
    retryable: true,
  },
  VD_FOLDER_PLAYLIST_INVALID: {
    fix: 'Let `path` and `name` lead to a playlist of HLS; Vedette looks again as soon as it changes',
    retryable: true,
  },
  VD_FOLDER_PLAYLIST_UNREADABLE: {
    fix: 'Give the user who runs Vedette read permission; a link, a pipe or a file above 8 MB is not read',
    retryable: true,
  },
  VD_FOLDER_ENCRYPTED: {
    fix: 'Switch encryption off in the writer (nginx-rtmp: `hls_keys off`)',
    retryable: true,
  },
  VD_FOLDER_BYTE_RANGES: {
    fix: 'Let the writer make a file of each segment (ffmpeg: no `single_file` in -hls_flags)',
    retryable: true,
  },
  VD_FOLDER_NOT_A_FILE: {
    fix: 'Let nothing but plain files be among the segments: links, pipes and devices are not followed',
  },
  VD_FOLDER_SEGMENT_DENIED: {
    fix: 'Let the user who runs Vedette enter their folder and read the segments; of nginx-rtmp with `hls_nested on` only its own user may',
  },
  VD_FOLDER_SEGMENT_CHANGED: {
    fix: 'Let the writer name a segment only once it is closed; what was taken first is what is stored',
  },
  VD_FOLDER_NOT_DELETED: {
    fix: 'Give the user who runs Vedette write permission on the folder, or set `onFinished: keep`',
  },
});
