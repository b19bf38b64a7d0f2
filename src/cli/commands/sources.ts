import { Command } from 'commander';
import { adapterOnWire } from '../../core/api/resources/adapter-on-wire.js';
import { SourceDevices } from '../../core/api/resources/source-devices.js';
import { loadConfig } from '../../core/config/load-config.js';
import type { SourceAdapterWire } from '../../core/wire/sources.wire.js';
import { withStores } from '../database-access.js';
import { databaseUrlOf } from '../database-address.js';
import { checkPlugins } from '../plugin-check.js';
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
  /** Of this machine, by adapter. */
  readonly devices?: () => Promise<readonly AdapterDevices[]>;
}

/** Ways for media to come in: adapters, listeners, streams. */
export function sourcesCommand(facts: SourcesFacts = ofThisMachine): Command {
  const sources = new Command('sources').description('Tell by which ways media comes in');
  sources
    .command('list')
    .description(
      'Print source adapters, the addresses that listeners take publishers at, the cameras of this machine, and the streams with their states',
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
  return sources;
}

const print = (text: string): void => void process.stdout.write(`${text}\n`);

const ofThisMachine: SourcesFacts = {
  adapters: async () => (await checkPlugins(loadConfig())).sources.map((source) => adapterOnWire(source, 'localhost')),
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
      (await streams.list()).map(({ name, adapterId, state, stateDetail }) => ({ name, adapterId, state, detail: stateDetail })),
    );
  },
};
