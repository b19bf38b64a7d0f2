import { describe, expect, it } from 'vitest';
import { type DeviceTools, type SourceDevice, z } from '../../plugin-api/index.js';
import type { RegisteredSource } from '../../plugin-host/plugin-registry.js';
import { SourceDevices } from './source-devices.js';

const tools: DeviceTools = { platform: 'linux', askFfmpeg: () => Promise.resolve('') };
const sourceWith = (id: string, devices?: () => Promise<SourceDevice[]>): RegisteredSource => ({
  pluginId: 'test',
  definition: {
    id,
    version: '1.0.0',
    title: id,
    kind: 'stream',
    config: z.object({}),
    create: () => ({ open: () => Promise.reject() }),
    devices,
  },
  config: undefined,
});

describe('SourceDevices', () => {
  it('says what there is, and null for what the system does not tell', async () => {
    const camera: SourceDevice = {
      ...{ id: '/dev/v4l/by-id/a', title: 'A camera', aliases: ['/dev/video0'] },
      modes: [
        { widthPx: 640, heightPx: 480, pixelFormat: 'mjpeg' },
        { widthPx: 320, heightPx: 240, minFramesPerSecond: 5, maxFramesPerSecond: 30 },
      ],
    };
    const devices = new SourceDevices({ sources: [sourceWith('cam', async () => [camera])] }, tools);
    const none = { pixelFormat: null, minFramesPerSecond: null, maxFramesPerSecond: null };
    expect((await devices.list('cam')).items).toEqual([
      {
        ...{ id: '/dev/v4l/by-id/a', title: 'A camera', aliases: ['/dev/video0'], problem: null },
        modes: [
          { ...none, widthPx: 640, heightPx: 480, pixelFormat: 'mjpeg' },
          { ...none, widthPx: 320, heightPx: 240, minFramesPerSecond: 5, maxFramesPerSecond: 30 },
        ],
      },
    ]);
  });

  it('looks once for all who ask at a time, and again later and after a failure', async () => {
    let [looks, nowMs] = [0, 0];
    const look = async (): Promise<SourceDevice[]> => {
      if (++looks === 2) throw new Error('it did not work');
      return [];
    };
    const devices = new SourceDevices({ sources: [sourceWith('cam', look)] }, tools, () => nowMs);
    await Promise.all([devices.list('cam'), devices.list('cam'), devices.list('cam')]);
    expect(looks).toBe(1);
    nowMs += 3_000;
    await expect(devices.list('cam')).rejects.toThrow('it did not work');
    await devices.list('cam');
    expect(looks).toBe(3);
  });

  it('knows no devices of what it does not know, nor of what opens none', async () => {
    const devices = new SourceDevices({ sources: [sourceWith('url')] }, tools);
    await expect(devices.list('cam')).rejects.toMatchObject({ code: 'VD_API_NOT_FOUND' });
    await expect(devices.list('url')).rejects.toMatchObject({ code: 'VD_API_NOT_FOUND' });
  });
});
