import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DeviceTools, SourceDevice } from 'vedette/plugin';
import { webcamConfigSchema } from '../config.js';
import { WebcamSource } from '../webcam-source.js';
import { avfoundationCameras, avfoundationModes } from './avfoundation-list.js';
import { dshowCameras, dshowModes } from './dshow-list.js';
import { deviceNamed, namesOf } from './find-device.js';
import { linuxCameras } from './linux-cameras.js';
import { v4l2Modes } from './v4l2-formats.js';
import { webcamDevices } from './webcam-devices.js';

// What ffmpegs of real machines said, cut short.
const V4L2 = `
[video4linux2,v4l2 @ 0x55d1c8a4c8c0] Compressed:       mjpeg :          Motion-JPEG : 1920x1080 1280x720 640x480
[video4linux2,v4l2 @ 0x55d1c8a4c8c0] Raw       :     yuyv422 :           YUYV 4:2:2 : 640x480 320x240
/dev/video0: Immediate exit requested`;
const V4L2_OLD = `
[video4linux2 @ 0x160f8c0] R : yuyv422 : YUV 4:2:2 (YUYV) : 640x480 160x90 2304x1536
[video4linux2 @ 0x160f8c0] C : Unsupported : H.264 : 640x480 160x90
[video4linux2 @ 0x160f8c0] C : mjpeg : MJPEG : 640x480 160x90
/dev/video0: Immediate exit requested`;
const V4L2_STEPWISE = '[video4linux2,v4l2 @ 0x1] Raw       :     yuv420p :     Planar YUV 4:2:0 : {32-2592, 2}x{32-1944, 2}';
const MAC = `
[AVFoundation input device @ 0x7f87e5500300] AVFoundation video devices:
[AVFoundation input device @ 0x7f87e5500300] [0] FaceTime HD-camera (beeldscherm)
[AVFoundation input device @ 0x7f87e5500300] [1] FaceTime-camera (ingebouwd)
[AVFoundation input device @ 0x7f87e5500300] [2] Capture screen 0
[AVFoundation input device @ 0x7f87e5500300] AVFoundation audio devices:
[AVFoundation input device @ 0x7f87e5500300] [0] Soundflower (64ch)`;
const MAC_MODES = `
[avfoundation @ 0x7faf9b80fa00] Selected video size (1x1) is not supported by the device
[avfoundation @ 0x7faf9b80fa00] Supported modes:
[avfoundation @ 0x7faf9b80fa00]   1920x1080@[1.000000 30.000000]fps
[avfoundation @ 0x7faf9b80fa00]   640x480@[30.000030 30.000030]fps
[avfoundation @ 0x7faf9b80fa00]   640x480@[30.000030 30.000030]fps`;
const WINDOWS_OLD = `
[dshow @ 00000000001c23c0] DirectShow video devices (some may be both video and audio devices)
[dshow @ 00000000001c23c0]  "Integrated Webcam"
[dshow @ 00000000001c23c0]     Alternative name "@device_pnp_\\\\?\\usb#vid_0c45&pid_6448&mi_00#7&2645f9e4&0&0000#{65e8773d}\\global"
[dshow @ 00000000001c23c0] DirectShow audio devices
[dshow @ 00000000001c23c0]  "virtual-audio-capturer"
[dshow @ 00000000001c23c0]     Alternative name "@device_sw_{33D9A762-90C8-11D0-BD43-00A0C911CE86}"
dummy: Immediate exit requested`;
const WINDOWS_NEW = `
[dshow @ 000001e2c0a4f300] "HD Pro Webcam C920" (video)
[dshow @ 000001e2c0a4f300]   Alternative name "@device_pnp_c920"
[dshow @ 000001e2c0a4f300] "OBS Virtual Camera" (none)
[dshow @ 000001e2c0a4f300] "Microphone (HD Pro Webcam C920)" (audio)
[dshow @ 000001e2c0a4f300]   Alternative name "@device_cm_mic"`;
const WINDOWS_MODES = `
[dshow @ 000001781c263740] DirectShow video device options (from video devices)
[dshow @ 000001781c263740]  Pin "Capture" (alternative pin name "0")
[dshow @ 000001781c263740]   pixel_format=yuyv422  min s=640x480 fps=5 max s=640x480 fps=30
[dshow @ 000001781c263740]   pixel_format=yuyv422  min s=640x480 fps=5 max s=640x480 fps=30 (pc, bt470bg/bt709/unknown, center)
[dshow @ 00000184176a8080]   vcodec=mjpeg  min s=1280x720 fps=15 max s=1280x720 fps=60.0002`;

const { signal } = new AbortController();

/** Answers as an ffmpeg would whose arguments end so. */
const toolsOf = (platform: NodeJS.Platform, answers: Readonly<Record<string, string>>): DeviceTools => ({
  platform,
  askFfmpeg: (args) => Promise.resolve(answers[args.at(-1)!] ?? `${args.at(-1)}: No such file or directory`),
});

describe('what ffmpeg says of cameras', () => {
  it('is read on Linux, of old and new versions', () => {
    expect(v4l2Modes(V4L2)).toEqual([
      { widthPx: 1920, heightPx: 1080, pixelFormat: 'mjpeg' },
      { widthPx: 1280, heightPx: 720, pixelFormat: 'mjpeg' },
      { widthPx: 640, heightPx: 480, pixelFormat: 'mjpeg' },
      { widthPx: 640, heightPx: 480, pixelFormat: 'yuyv422' },
      { widthPx: 320, heightPx: 240, pixelFormat: 'yuyv422' },
    ]);
    expect(v4l2Modes(V4L2_OLD).map(({ pixelFormat, widthPx }) => `${pixelFormat} ${widthPx}`)).toEqual([
      ...['yuyv422 640', 'yuyv422 160', 'yuyv422 2304'],
      ...['mjpeg 640', 'mjpeg 160'],
    ]);
    expect(v4l2Modes(V4L2_STEPWISE)).toEqual([]);
  });

  it('is read on macOS, without its screens and microphones', () => {
    expect(avfoundationCameras(MAC)).toEqual([
      { index: 0, name: 'FaceTime HD-camera (beeldscherm)' },
      { index: 1, name: 'FaceTime-camera (ingebouwd)' },
    ]);
    expect(avfoundationModes(MAC_MODES)).toEqual([
      { widthPx: 1920, heightPx: 1080, minFramesPerSecond: 1, maxFramesPerSecond: 30 },
      { widthPx: 640, heightPx: 480, minFramesPerSecond: 30, maxFramesPerSecond: 30 },
    ]);
  });

  it('is read on Windows, of old and new versions', () => {
    expect(dshowCameras(WINDOWS_OLD)).toEqual([
      { name: 'Integrated Webcam', alternative: expect.stringMatching(/^@device_pnp_.*global$/) },
    ]);
    expect(dshowCameras(WINDOWS_NEW)).toEqual([{ name: 'HD Pro Webcam C920', alternative: '@device_pnp_c920' }]);
    expect(dshowModes(WINDOWS_MODES)).toEqual([
      { widthPx: 640, heightPx: 480, pixelFormat: 'yuyv422', minFramesPerSecond: 5, maxFramesPerSecond: 30 },
      { widthPx: 1280, heightPx: 720, pixelFormat: 'mjpeg', minFramesPerSecond: 15, maxFramesPerSecond: 60.0002 },
    ]);
  });

  it.each(['', 'ffmpeg: command not found', '[dshow @ 0] Could not enumerate video devices', '\0'.repeat(100)])(
    'may be of no use: %j',
    (said) => {
      expect([v4l2Modes(said), avfoundationCameras(said), avfoundationModes(said), dshowCameras(said), dshowModes(said)].flat()).toEqual(
        [],
      );
    },
  );

  it('makes devices of each system', async () => {
    const mac = await webcamDevices(toolsOf('darwin', { '': MAC, '0:none': MAC_MODES }), signal);
    expect(mac.map(({ id, aliases, modes, problem }) => [id, aliases, modes.length, problem])).toEqual([
      ['FaceTime HD-camera (beeldscherm)', ['0'], 2, undefined],
      ['FaceTime-camera (ingebouwd)', ['1'], 0, '1:none: No such file or directory'],
    ]);
    const windows = await webcamDevices(toolsOf('win32', { dummy: WINDOWS_NEW, 'video=HD Pro Webcam C920': WINDOWS_MODES }), signal);
    expect(windows).toMatchObject([{ id: 'HD Pro Webcam C920', aliases: ['@device_pnp_c920'], modes: [{}, {}] }]);
    expect(await webcamDevices(toolsOf('aix', {}), signal)).toEqual([]);
  });
});

describe('cameras on Linux', () => {
  let folder: string;
  const places = () => ({ sysfs: join(folder, 'sys'), links: [join(folder, 'by-id'), join(folder, 'by-path')] });
  const node = (name: string, card: string, index: number): void => {
    mkdirSync(join(folder, 'sys', name), { recursive: true });
    writeFileSync(join(folder, 'sys', name, 'name'), `${card}\n`);
    writeFileSync(join(folder, 'sys', name, 'index'), `${index}\n`);
  };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'vedette-v4l-'));
    node('video10', 'USB Camera', 0);
    node('video2', 'HD Pro Webcam C920', 0);
    node('video3', 'HD Pro Webcam C920', 1);
    node('video4', 'USB Camera', 0);
    for (const links of ['by-id', 'by-path']) mkdirSync(join(folder, links));
    symlinkSync('../../video2', join(folder, 'by-id', 'usb-046d_C920_ABCD-video-index0'));
    symlinkSync('../../video3', join(folder, 'by-id', 'usb-046d_C920_ABCD-video-index1'));
    symlinkSync('../../video2', join(folder, 'by-path', 'pci-0000:00:14.0-usb-0:1:1.0-video-index0'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('are the nodes that give pictures, by what does not change first', async () => {
    const [first, ...others] = await linuxCameras(places());
    expect(first).toEqual({
      device: '/dev/video2',
      name: 'HD Pro Webcam C920',
      links: [join(folder, 'by-id/usb-046d_C920_ABCD-video-index0'), join(folder, 'by-path/pci-0000:00:14.0-usb-0:1:1.0-video-index0')],
    });
    expect(others.map(({ device }) => device)).toEqual(['/dev/video4', '/dev/video10']);
    expect(await linuxCameras({ sysfs: join(folder, 'nothing'), links: [] })).toEqual([]);
  });

  it('are listed with their modes, or why these cannot be told', async () => {
    const [c920, usb] = await webcamDevices(toolsOf('linux', { '/dev/video2': V4L2 }), signal, places());
    expect(c920).toMatchObject({ id: join(folder, 'by-id/usb-046d_C920_ABCD-video-index0'), title: 'HD Pro Webcam C920' });
    expect(c920!.modes).toHaveLength(5);
    expect(c920!.aliases).toContain('/dev/video2');
    expect(usb).toMatchObject({ id: '/dev/video4', modes: [], problem: '/dev/video4: No such file or directory' });
  });

  it('are opened by the name of their card, and an error names those there are', async () => {
    const source = new WebcamSource('linux', undefined, undefined, places());
    const probing = (device: string) => source.probe(webcamConfigSchema.parse({ format: 'v4l2', device }), signal);
    // The name is known; the device file, on this machine, is not there.
    await expect(probing('HD Pro Webcam C920')).rejects.toMatchObject({
      code: 'VD_WEBCAM_DEVICE_MISSING',
      message: 'There is no device /dev/video2',
    });
    const names = /"HD Pro Webcam C920" \(\/dev\/video2\), "USB Camera" \(\/dev\/video4\), "USB Camera" \(\/dev\/video10\)/;
    await expect(probing('Other Camera')).rejects.toMatchObject({
      code: 'VD_WEBCAM_DEVICE_MISSING',
      message: expect.stringMatching(names),
    });
    // Two have that name.
    await expect(probing('USB Camera')).rejects.toMatchObject({ code: 'VD_WEBCAM_DEVICE_MISSING', message: expect.stringMatching(names) });
  });

  it('are looked for by ffmpeg where the system names them to it alone', async () => {
    const source = new WebcamSource('darwin', undefined, toolsOf('darwin', { '': MAC }));
    const probing = (device: string) => source.probe(webcamConfigSchema.parse({ format: 'avfoundation', device }), signal);
    await expect(probing('1')).resolves.toBeUndefined();
    await expect(probing('FaceTime-camera (ingebouwd)')).resolves.toBeUndefined();
    await expect(probing('iSight')).rejects.toMatchObject({
      code: 'VD_WEBCAM_DEVICE_MISSING',
      message: expect.stringContaining('there are: "FaceTime HD-camera (beeldscherm)", "FaceTime-camera (ingebouwd)"'),
    });
  });
});

describe('deviceNamed', () => {
  const device = (id: string, title: string, aliases: string[] = []): SourceDevice => ({ id, title, aliases, modes: [] });
  const devices = [
    device('/dev/a', 'Integrated Camera', ['/dev/video0']),
    device('/dev/b', 'Integrated IR', []),
    device('/dev/c', 'USB', []),
  ];

  it('finds by id, other names and the beginning of a title', () => {
    expect(deviceNamed(devices, '/dev/b')?.id).toBe('/dev/b');
    expect(deviceNamed(devices, '/dev/video0')?.id).toBe('/dev/a');
    expect(deviceNamed(devices, 'integrated c')?.id).toBe('/dev/a');
  });

  it('finds nothing where several are meant, or none', () => {
    expect(deviceNamed(devices, 'Integrated')).toBeUndefined();
    expect(deviceNamed(devices, 'Firewire')).toBeUndefined();
    expect(namesOf([])).toBe('there is no camera on this machine');
  });
});
