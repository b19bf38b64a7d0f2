import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import {
  defineSource,
  DEVICE_TOOLS,
  type DeviceTools,
  type PackagerInput,
  type RunningSource,
  type SourceAdapter,
  type SourceContext,
  type SourceDevice,
} from 'vedette/plugin';
import { pictureSize, webcamConfigSchema, type Preset, type WebcamConfig } from './config.js';
import { deviceNamed, namesOf } from './devices/find-device.js';
import { linuxCameras, LINUX_PLACES } from './devices/linux-cameras.js';
import { webcamDevices } from './devices/webcam-devices.js';
import { webcamError } from './errors.js';
import { madePicture } from './made-picture.js';

/** Where each device format exists. */
const PLATFORMS = { v4l2: ['linux', 'Linux'], avfoundation: ['darwin', 'macOS'], dshow: ['win32', 'Windows'] } as const;

/** A camera of this machine, or a picture made by ffmpeg in its place, encoded to H.264. */
export class WebcamSource implements SourceAdapter<WebcamConfig> {
  constructor(
    private readonly platform: string = process.platform,
    private readonly wallClockMs: () => number = () => Date.now(),
    /** Absent: what ffmpeg has to be asked for is not known before it is opened. */
    private readonly tools?: DeviceTools,
    private readonly places = LINUX_PLACES,
  ) {}

  /** @throws VD_WEBCAM_PLATFORM, VD_WEBCAM_DEVICE_MISSING, VD_WEBCAM_NOT_A_DEVICE, VD_WEBCAM_DEVICE_DENIED */
  async probe({ format, device }: WebcamConfig, signal: AbortSignal): Promise<void> {
    if (format === 'lavfi') return;
    const [platform, name] = PLATFORMS[format];
    if (this.platform !== platform) throw webcamError('VD_WEBCAM_PLATFORM', `Devices of format "${format}" exist on ${name} only`);
    if (format === 'v4l2') await probeDeviceFile(await this.deviceFile(device));
    else await this.probeName(device, signal);
  }

  async open(config: WebcamConfig, context: SourceContext | undefined, signal: AbortSignal): Promise<RunningSource> {
    if (context === undefined) throw new TypeError('a webcam is opened for a stream');
    const device = config.format === 'v4l2' ? await this.deviceFile(config.device) : config.device;
    const epoch = await context.openEpoch({ startedAtMs: this.wallClockMs(), input: packagerInput({ ...config, device }) });
    if (signal.aborted) await epoch.end('aborted');
    return { stop: (reason) => epoch.end(reason), done: epoch.done };
  }

  /** A camera that is named by its card is looked for anew each time: its number changes. */
  private async deviceFile(name: string): Promise<string> {
    if (name.startsWith('/')) return name;
    const cameras = await linuxCameras(this.places);
    const devices = cameras.map((camera) => ({ id: camera.device, title: camera.name, aliases: camera.links, modes: [] }));
    return found(devices, name).id;
  }

  private async probeName(name: string, signal: AbortSignal): Promise<void> {
    if (this.tools !== undefined) found(await webcamDevices(this.tools, signal), name);
  }
}

/** @throws VD_WEBCAM_DEVICE_MISSING */
function found(devices: readonly SourceDevice[], name: string): SourceDevice {
  const device = deviceNamed(devices, name);
  if (device === undefined) throw webcamError('VD_WEBCAM_DEVICE_MISSING', `No one camera is meant by "${name}"; ${namesOf(devices)}`);
  return device;
}

/** @throws VD_WEBCAM_DEVICE_MISSING, VD_WEBCAM_NOT_A_DEVICE, VD_WEBCAM_DEVICE_DENIED */
export async function probeDeviceFile(device: string): Promise<void> {
  try {
    if (!(await stat(device)).isCharacterDevice()) throw webcamError('VD_WEBCAM_NOT_A_DEVICE', `${device} is not a video device`);
    await access(device, constants.R_OK | constants.W_OK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') throw webcamError('VD_WEBCAM_DEVICE_MISSING', `There is no device ${device}`);
    if (code === 'EACCES' || code === 'EPERM')
      throw webcamError('VD_WEBCAM_DEVICE_DENIED', `This user may not read ${device}`, { cause: error });
    throw error;
  }
}

/** What the packager runs for a config. */
export function packagerInput(config: WebcamConfig): PackagerInput {
  const { format, device, fps, pixelFormat, bitrateKbps, gopSeconds } = config;
  const size = pictureSize(config);
  const encoded = { kind: 'ffmpeg', protocols: [], video: { encode: 'h264', bitrateKbps, gopSeconds }, audio: 'none' } as const;
  if (format === 'lavfi') {
    // At the pace of a camera: lavfi gives pictures as fast as they can be made.
    return { ...encoded, format, url: madePicture(device as Preset, size, fps), inputOptions: ['-re'] };
  }
  const urls = { v4l2: device, avfoundation: `${device}:none`, dshow: `video=${device}` };
  const mode = ['-framerate', String(fps), '-video_size', `${size.widthPx}x${size.heightPx}`];
  const inputOptions = [...mode, ...pixelFormatOptions(format, pixelFormat), '-thread_queue_size', '64'];
  return { ...encoded, format, url: urls[format], inputOptions };
}

/** Each system has its own word for it, and dshow has another for what is compressed. */
function pixelFormatOptions(format: Exclude<WebcamConfig['format'], 'lavfi'>, pixelFormat: string | undefined): string[] {
  if (pixelFormat === undefined) return [];
  const isCompressed = pixelFormat === 'mjpeg' || pixelFormat === 'h264';
  const option = { v4l2: '-input_format', avfoundation: '-pixel_format', dshow: isCompressed ? '-vcodec' : '-pixel_format' }[format];
  return [option, pixelFormat];
}

export const webcamSource = defineSource<WebcamConfig>({
  id: 'webcam',
  version: '1.0.0',
  title: 'Camera of this machine',
  kind: 'stream',
  config: webcamConfigSchema,
  devices: webcamDevices,
  inject: [DEVICE_TOOLS],
  create: (tools?: DeviceTools) => new WebcamSource(process.platform, undefined, tools),
});
