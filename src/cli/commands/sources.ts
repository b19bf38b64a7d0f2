import { Command } from 'commander';
import { adapterOnWire } from '../../core/api/resources/adapter-on-wire.js';
import { SourceDevices } from '../../core/api/resources/source-devices.js';
import { loadConfig } from '../../core/config/load-config.js';
import type { PublishRefusalWire, SourceAdapterWire } from '../../core/wire/sources.wire.js';
import { withStores } from '../database-access.js';
import { databaseUrlOf } from '../database-address.js';
import { checkPlugins } from '../plugin-check.js';
import { refusalsText } from '../sources/refusals-text.js';
import {
  type AdapterDevices,
  adaptersSection,
  devicesSection,
  listenersSection,
  type ListedStream,
  sourcesText,
  streamsSection,
} from '../sources/sources-text.js';

/** What there is to be seen of this machine's sources. */
export interface SourcesFacts {
  readonly adapters: () => Promise<readonly SourceAdapterWire[]>;
  readonly streams: () => Promise<readonly ListedStream[]>;
  readonly refusals: () => Promise<readonly PublishRefusalWire[]>;
  /** Of this machine, by adapter. */
  readonly devices?: () => Promise<readonly AdapterDevices[]>;
}

/** Ways for media to come in: adapters, listeners, streams. */
export function sourcesCommand(facts: SourcesFacts = ofThisMachine): Command {
  const sources = new Command('sources').description('Tell by which ways media comes in');
  sources
    .command('list')
    .description(
      'Print source adapters, the addresses that listeners take publishers at, cameras of this machine, and the streams with their states',
    )
    .option('--json', 'print the same as JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const [adapters, streams, devices] = [await facts.adapters(), await facts.streams(), (await facts.devices?.()) ?? []];
      print(
        json === true
          ? JSON.stringify({ adapters, devices, streams }, null, 2)
          : sourcesText([adaptersSection(adapters), listenersSection(adapters), devicesSection(devices), streamsSection(streams)]),
      );
    });
  sources
    .command('refused')
    .description('Print publishers that were refused lately, added up by address and reason, and what to do about it')
    .option('--json', 'print the same as JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const refusals = await facts.refusals();
      print(json === true ? JSON.stringify(refusals, null, 2) : refusalsText(refusals, await facts.streams()));
    });
  return sources;
}

const print = (text: string): void => void process.stdout.write(`${text}\n`);

const ofThisMachine: SourcesFacts = {
  adapters: async () => {
    const loaded = loadConfig();
    const { sources } = await checkPlugins(loaded);
    const listeners = await withStores(loaded, databaseUrlOf(loaded), ({ system }) => system.listeners());
    return sources.map((source) => adapterOnWire(source, 'localhost', listeners));
  },
  devices: async () => {
    const loaded = loadConfig();
    const { sources } = await checkPlugins(loaded);
    const found = SourceDevices.of({ sources }, loaded.config.packaging.ffmpegPath);
    const adapters = sources.filter(({ definition }) => definition.devices !== undefined);
    return Promise.all(adapters.map(async ({ definition: { id } }) => ({ adapterId: id, devices: (await found.list(id)).items })));
  },
  streams: async () => {
    const loaded = loadConfig();
    return withStores(loaded, databaseUrlOf(loaded), async ({ streams }) =>
      (await streams.list()).map(({ id, name, adapterId, state, stateDetail }) => ({ id, name, adapterId, state, detail: stateDetail })),
    );
  },
  refusals: async () => {
    const loaded = loadConfig();
    return withStores(loaded, databaseUrlOf(loaded), ({ refusals }) => refusals.list({ limit: 100 }));
  },
};
