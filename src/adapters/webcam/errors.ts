import { CodedError } from 'vedette/plugin';

/** What can be wrong with a local device; each with what to do about it. */
export const webcamErrors = {
  platform: (format: string, needed: string) =>
    new CodedError(
      'VD_WEBCAM_PLATFORM',
      `Devices of format "${format}" exist on ${needed} only`,
      'Set `format` to the one of this machine: v4l2 on Linux, avfoundation on macOS, dshow on Windows',
    ),
  missing: (device: string) =>
    new CodedError(
      'VD_WEBCAM_DEVICE_MISSING',
      `There is no device ${device}`,
      'Plug the camera in, or set `device` to one that `ls /dev/video*` shows',
      { retryable: true },
    ),
  notADevice: (device: string) =>
    new CodedError('VD_WEBCAM_NOT_A_DEVICE', `${device} is not a video device`, 'Set `device` to one that `ls /dev/video*` shows'),
  denied: (device: string, cause: unknown) =>
    new CodedError(
      'VD_WEBCAM_DEVICE_DENIED',
      `This user may not read ${device}`,
      'Add the user that runs Vedette to the group "video", then log in again',
      { cause, retryable: true },
    ),
};
