import { describe, expect, it } from 'vitest';
import { devicesSection } from './sources-text.js';

describe('devicesSection', () => {
  it('says of each device what it gives, size by size, or why nobody knows', () => {
    const mode = { pixelFormat: null, minFramesPerSecond: null, maxFramesPerSecond: null };
    const camera = { id: '/dev/v4l/by-id/a', title: 'A camera', aliases: [], problem: null };
    const modes = [
      { ...mode, widthPx: 1280, heightPx: 720, pixelFormat: 'mjpeg', minFramesPerSecond: 5, maxFramesPerSecond: 30 },
      { ...mode, widthPx: 1280, heightPx: 720, pixelFormat: 'yuyv422', minFramesPerSecond: 10, maxFramesPerSecond: 10 },
      { ...mode, widthPx: 640, heightPx: 480 },
    ];
    const busy = { id: '/dev/video1', title: 'B', aliases: [], modes: [], problem: 'Device or resource busy' };
    const section = devicesSection([{ adapterId: 'webcam', devices: [{ ...camera, modes }, busy] }]);
    expect(section.rows).toEqual([
      ['webcam', 'A camera', '/dev/v4l/by-id/a', '1280x720 (mjpeg 5–30 fps, yuyv422 10 fps), 640x480'],
      ['webcam', 'B', '/dev/video1', 'Device or resource busy'],
    ]);
    expect(devicesSection([]).rows).toEqual([]);
  });
});
