import { defineErrors } from 'vedette/plugin';

/** Why the camera of a browser is not taken, and why the listener for them is not there. */
export const browserError = defineErrors({
  VD_BROWSER_LISTEN_FAILED: {
    fix: 'Read the cause; the address comes from plugins[].sources.browser.host and .port.',
    retryable: true,
  },
  VD_BROWSER_REQUEST_INVALID: {
    fix: 'This port is for the API role of the same installation. Pages connect to /ws/publish of the dashboard.',
  },
  VD_BROWSER_TYPE_UNKNOWN: {
    fix: 'Record one of the types that GET /api/sources names for this adapter, the first that MediaRecorder.isTypeSupported accepts.',
  },
  VD_BROWSER_FULL: {
    fix: 'Raise plugins[].sources.browser.maxPublishers, or end cameras that are not needed.',
    retryable: true,
  },
  VD_BROWSER_TAKEN_OVER: {
    fix: 'Another page has taken this stream over. Take it back there, or choose another stream.',
  },
  VD_BROWSER_MEDIA_UNREADABLE: {
    fix: 'Send the chunks of one MediaRecorder, from its first one on, in their order and unchanged.',
    retryable: true,
  },
  VD_BROWSER_CODEC_UNKNOWN: {
    fix: 'Record H.264, VP8, VP9 or AV1, with Opus, AAC or no sound.',
  },
  VD_BROWSER_NO_PICTURE: {
    fix: 'Give the recorder a stream with a video track.',
  },
  VD_BROWSER_SILENT: {
    fix: 'Check the connection of the device; a page in the background may be suspended by the system.',
    retryable: true,
  },
});
