import { Command, InvalidArgumentError } from 'commander';
import { COMMAND_LINE } from '../../core/audit/actor.js';
import { durationMs } from '../../core/config/duration.js';
import { ledgerError } from '../../core/errors/ledger.errors.js';
import type { StreamKeyRecord } from '../../core/persistence/streams/stream-store.js';
import { textTable } from '../capacity/text-table.js';
import type { Stores } from '../database-access.js';
import { streamNamed } from '../named.js';

type WithStores = (work: (stores: Pick<Stores, 'streams' | 'audit'>) => Promise<void>) => Promise<void>;

/** What is done with the keys of a stream, in place of its page. */
export function streamKeyCommands(withStores: WithStores): Command[] {
  const add = new Command('key')
    .description('Add a key to a stream and print it; keys cannot be shown again')
    .argument('<name>')
    .action((name: string) =>
      withStores(async ({ streams, audit }) => {
        const { id } = await streamNamed(streams, name);
        const { key, keyId } = await streams.createKey(id);
        await audit.record({ by: COMMAND_LINE, action: 'key.create', target: id, detail: { keyId } });
        print(`Stream key: ${key}`);
      }),
    );
  const list = new Command('keys')
    .description("Print a stream's keys, without the keys: whether they are in force, when and from where they were last used")
    .argument('<name>')
    .action((name: string) =>
      withStores(async ({ streams }) => print(keysText(await streams.listKeys((await streamNamed(streams, name)).id), Date.now()))),
    );
  const rotate = new Command('rotate-key')
    .description('Make a key in the place of another and print it')
    .argument('<name>', 'the stream')
    .argument('<key>', 'id of the key to replace; `vedette stream keys` prints them')
    .option('--grace <time>', 'how long the old key stays valid; 0s: who publishes with it is cut off', grace, 86_400_000)
    .addHelpText('after', '\nExample: vedette stream rotate-key door 0b5f… --grace 2h')
    .action((name: string, keyId: string, options: { grace: number }) =>
      withStores(async ({ streams, audit }) => {
        const { id } = await streamNamed(streams, name);
        const known = (await streams.listKeys(id)).some((key) => key.keyId === keyId);
        const made = known ? await streams.rotateKey(id, keyId, options.grace) : null;
        if (made === null) throw ledgerError('VD_STREAM_NOT_FOUND', `Stream ${name} has no key ${JSON.stringify(keyId)} in force`);
        const detail = { keyId: made.keyId, replaced: keyId, graceSeconds: options.grace / 1000 };
        await audit.record({ by: COMMAND_LINE, action: 'key.rotate', target: id, detail });
        print(`Stream key: ${made.key}`);
      }),
    );
  return [add, list, rotate];
}

function keysText(keys: readonly StreamKeyRecord[], nowMs: number): string {
  const rows = keys.map((key) => [key.keyId, key.hint, standing(key, nowMs), isoOf(key.lastUsedAtMs), key.lastAddress ?? '']);
  return textTable(
    ['id', 'key', 'in force', 'last used', 'from'].map((title) => ({ title })),
    rows,
  ).join('\n');
}

function standing({ revokedAtMs, expiresAtMs }: StreamKeyRecord, nowMs: number): string {
  if (revokedAtMs !== null) return 'revoked';
  if (expiresAtMs === null) return 'yes';
  return expiresAtMs <= nowMs ? 'expired' : `until ${isoOf(expiresAtMs)}`;
}

function grace(text: string): number {
  const read = durationMs.safeParse(text);
  if (!read.success || read.data > 90 * 86_400_000) throw new InvalidArgumentError('a time up to 90d, such as 24h or 0s.');
  return read.data;
}

const isoOf = (ms: number | null): string => (ms === null ? '' : new Date(ms).toISOString());
const print = (text: string): void => void process.stdout.write(`${text}\n`);
