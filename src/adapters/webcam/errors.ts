import { defineErrors } from 'vedette/plugin';

/** What can be wrong with a local device. */
export const webcamError = defineErrors({
  VD_WEBCAM_PLATFORM: {
    fix: 'Set `format` to the one of this machine: v4l2 on Linux, avfoundation on macOS, dshow on Windows',
  },
  VD_WEBCAM_DEVICE_MISSING: {
    fix: 'Plug the camera in, or set `device` to one that `vedette sources list` names',
    retryable: true,
  },
  VD_WEBCAM_NOT_A_DEVICE: {
    fix: 'Set `device` to one that `vedette sources list` names',
  },
  VD_WEBCAM_DEVICE_DENIED: {
    fix: 'Add the user that runs Vedette to the group "video", then log in again',
    retryable: true,
  },
});
