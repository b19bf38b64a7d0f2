import { describe, expect, it } from 'vitest';
import { webcamConfigSchema } from './config.js';

const accepts = (config: unknown) => webcamConfigSchema.safeParse(config).success;

describe('webcamConfigSchema', () => {
  it.each([
    { format: 'v4l2', device: '/dev/video0' },
    { format: 'v4l2', device: '/dev/v4l/by-id/usb-046d_HD_Webcam-video-index0', size: '640x480', fps: 30 },
    { format: 'v4l2', device: 'Integrated Camera: Integrated C' },
    { format: 'avfoundation', device: '0' },
    { format: 'avfoundation', device: 'Ada’s iPhone Camera' },
    { format: 'dshow', device: 'Integrated Camera (2)' },
    { format: 'lavfi', device: 'demo' },
    { format: 'lavfi', device: 'testsrc', size: '320x180' },
  ])('takes $format $device', (config) => {
    expect(accepts(config)).toBe(true);
  });

  it.each([
    { format: 'lavfi', device: 'movie=/etc/passwd' },
    { format: 'lavfi', device: 'testsrc=size=320x180' },
    { format: 'v4l2', device: '/etc/passwd' },
    { format: 'v4l2', device: '/dev/v4l/by-id/../../sda' },
    { format: 'v4l2', device: '/dev/video0\n-f' },
    { format: 'avfoundation', device: '-i' },
    { format: 'avfoundation', device: '0:1' },
    { format: 'dshow', device: 'Camera:audio=Microphone' },
    { format: 'rawvideo', device: '/dev/video0' },
    { format: 'lavfi', device: 'demo', filter: 'movie=x' },
    { format: 'lavfi', device: 'demo', size: '321x180' },
    { format: 'lavfi', device: 'demo', size: '9999x9999' },
    { format: 'lavfi', device: 'demo', fps: 0 },
    { format: 'v4l2', device: '/dev/video0', pixelFormat: '-i' },
  ])('refuses $format $device $size', (config) => {
    expect(accepts(config)).toBe(false);
  });

  it('says what a device is called', () => {
    const error = webcamConfigSchema.safeParse({ format: 'v4l2', device: '-i' }).error;
    expect(error?.issues[0]).toMatchObject({
      path: ['device'],
      message: 'for format v4l2 a device such as /dev/video0, or the name of a camera',
    });
  });
});
