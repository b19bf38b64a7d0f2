import { hostname } from 'node:os';
import { apiError } from '../../errors/api.errors.js';
import { FfmpegDeviceTools } from '../../media/ffmpeg-device-tools.js';
import type { DeviceTools, SourceDevice } from '../../plugin-api/index.js';
import type { PluginRegistry, RegisteredSource } from '../../plugin-host/plugin-registry.js';
import type { SourceDevicesWire, SourceDeviceWire } from '../../wire/sources.wire.js';

/** Looking takes programs and devices: whoever asks meanwhile gets the same answer. */
const KNOWN_MS = 3_000;

/** What source adapters can open on this machine. */
export class SourceDevices {
  private readonly known = new Map<string, { readonly items: Promise<SourceDeviceWire[]>; readonly atMs: number }>();

  constructor(
    private readonly registry: Pick<PluginRegistry, 'sources'>,
    private readonly tools: DeviceTools,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  static of(registry: Pick<PluginRegistry, 'sources'>, ffmpegPath: string | undefined): SourceDevices {
    return new SourceDevices(registry, new FfmpegDeviceTools(ffmpegPath));
  }

  /** @throws VD_API_NOT_FOUND, VD_MEDIA_FFMPEG_MISSING */
  async list(adapterId: string): Promise<SourceDevicesWire> {
    const source = this.registry.sources.find(({ definition }) => definition.id === adapterId);
    if (source === undefined) throw apiError('VD_API_NOT_FOUND', `No source adapter has the id ${adapterId}.`);
    if (source.definition.devices === undefined) throw apiError('VD_API_NOT_FOUND', `The adapter ${adapterId} opens no devices.`);
    return { host: hostname(), items: await this.look(source) };
  }

  private look({ definition }: RegisteredSource): Promise<SourceDeviceWire[]> {
    const known = this.known.get(definition.id);
    if (known !== undefined && this.nowMs() - known.atMs < KNOWN_MS) return known.items;
    const looking = definition.devices!(this.tools, new AbortController().signal);
    const items = looking.then((devices) => devices.map(deviceOnWire));
    this.known.set(definition.id, { items, atMs: this.nowMs() });
    items.catch(() => this.known.delete(definition.id));
    return items;
  }
}

const deviceOnWire = ({ id, title, aliases, modes, problem }: SourceDevice): SourceDeviceWire => ({
  id,
  title,
  aliases: [...aliases],
  modes: modes.map((mode) => ({
    widthPx: mode.widthPx,
    heightPx: mode.heightPx,
    pixelFormat: mode.pixelFormat ?? null,
    minFramesPerSecond: mode.minFramesPerSecond ?? null,
    maxFramesPerSecond: mode.maxFramesPerSecond ?? null,
  })),
  problem: problem ?? null,
});
