import type { SourceAdapterWire, SourceDeviceWire } from '../../core/wire/sources.wire.js';
import { textTable } from '../capacity/text-table.js';

export interface ListedStream {
  readonly id: string;
  readonly name: string;
  readonly adapterId: string;
  readonly state: string;
  readonly detail: string | null;
}

export interface AdapterDevices {
  readonly adapterId: string;
  readonly devices: readonly SourceDeviceWire[];
}

/** A part of `vedette sources list`: a title over a table. */
export interface SourcesSection {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Said in place of a table without rows. */
  readonly none: string;
}

export function adaptersSection(adapters: readonly SourceAdapterWire[]): SourcesSection {
  return {
    title: 'Adapters',
    columns: ['id', 'kind', 'title', 'plugin'],
    rows: adapters.map(({ id, kind, title, pluginId, version }) => [id, kind, title, `${pluginId} ${version}`]),
    none: 'No enabled plugin brings one.',
  };
}

export function listenersSection(adapters: readonly SourceAdapterWire[]): SourcesSection {
  return {
    title: 'Listeners',
    columns: ['adapter', 'publish to', 'state'],
    rows: adapters.flatMap(({ id, publishUrls, listeners }) => publishUrls.map((url) => [id, url, statesText(listeners)])),
    none: 'Nothing listens for publishers.',
  };
}

/** One line for each size of each device. */
export function devicesSection(adapters: readonly AdapterDevices[]): SourcesSection {
  return {
    title: 'Devices of this machine',
    columns: ['adapter', 'name', 'device', 'modes'],
    rows: adapters.flatMap(({ adapterId, devices }) =>
      devices.map((device) => [adapterId, device.title, device.id, device.problem ?? modesText(device.modes)]),
    ),
    none: 'There is no camera.',
  };
}

/** Each size with what there is of it: `1280x720 (mjpeg 5–30 fps, yuyv422 5–10 fps)`. */
function modesText(modes: SourceDeviceWire['modes']): string {
  const bySize = new Map<string, string[]>();
  for (const { widthPx, heightPx, pixelFormat, minFramesPerSecond: min, maxFramesPerSecond: max } of modes) {
    const rates = max === null ? null : `${min === null || min === max ? max : `${min}–${max}`} fps`;
    const what = [pixelFormat, rates].filter((part) => part !== null).join(' ');
    const size = `${widthPx}x${heightPx}`;
    bySize.set(size, [...(bySize.get(size) ?? []), ...(what === '' ? [] : [what])]);
  }
  return [...bySize].map(([size, kinds]) => (kinds.length === 0 ? size : `${size} (${kinds.join(', ')})`)).join(', ');
}

function statesText(listeners: SourceAdapterWire['listeners']): string {
  if (listeners.length === 0) return 'no ingest runs';
  return listeners.map(({ host, state, detail }) => [state, 'on', host, ...(detail === null ? [] : [`(${detail})`])].join(' ')).join(', ');
}

export function streamsSection(streams: readonly ListedStream[]): SourcesSection {
  return {
    title: 'Streams',
    columns: ['name', 'adapter', 'state', 'detail'],
    rows: streams.map(({ name, adapterId, state, detail }) => [name, adapterId, state, detail ?? '']),
    none: 'There is no stream yet: `vedette stream create` makes one.',
  };
}

/** Sections below each other, in their order. */
export function sourcesText(sections: readonly SourcesSection[]): string {
  return sections.map((section) => [section.title, ...bodyOf(section).map((line) => `  ${line}`)].join('\n')).join('\n\n');
}

function bodyOf({ columns, rows, none }: SourcesSection): string[] {
  if (rows.length === 0) return [none];
  return textTable(
    columns.map((title) => ({ title })),
    rows,
  );
}
