import { Command } from 'commander';
import { InvalidInput, issuesOf } from '../../core/api/http/validation.pipe.js';
import { ledgerError } from '../../core/errors/ledger.errors.js';
import { loadConfig } from '../../core/config/load-config.js';
import { healthOnWire } from '../../core/persistence/read/health-on-wire.js';
import { streamHealthQuery } from '../../core/wire/health.wire.js';
import { withStores, type Stores } from '../database-access.js';
import { databaseUrlOf } from '../database-address.js';
import { healthText } from '../health/health-text.js';

interface HealthOptions {
  readonly at?: string;
  readonly json?: boolean;
}

/** Opens what the answer stands on for the length of `work`. */
type WithHealth = (work: (stores: Pick<Stores, 'streams' | 'health'>) => Promise<void>) => Promise<void>;

/** The same answer as GET /api/streams/:id/health. */
export function streamHealthCommand(withHealth: WithHealth = ofThisMachine): Command {
  return new Command('health')
    .description('Print how streams are, what is wrong with them and how to mend it')
    .argument('[name]', 'one stream, with everything that was measured; all when absent')
    .option('--at <time>', 'how they were at a moment in the past; ISO 8601 with time zone')
    .option('--json', 'print the answer of GET /api/streams/:id/health, as a list')
    .addHelpText('after', '\nExamples:\n  vedette stream health\n  vedette stream health door --at 2026-01-01T12:00:00Z')
    .action(async (name: string | undefined, options: HealthOptions) => {
      const at = momentOf(options.at);
      await withHealth(async ({ streams, health }) => {
        const asked = (await streams.list()).filter((stream) => name === undefined || stream.name === name);
        if (name !== undefined && asked.length === 0)
          throw ledgerError('VD_STREAM_NOT_FOUND', `There is no stream ${JSON.stringify(name)}`);
        const ids = asked.map(({ id }) => id);
        const judged = new Map((await health.judged(ids, at)).map((each) => [each.streamId, each]));
        const found = asked.flatMap((stream) => {
          const own = judged.get(stream.id);
          return own === undefined ? [] : [{ name: stream.name, ...healthOnWire(own) }];
        });
        process.stdout.write(options.json === true ? `${JSON.stringify(found, null, 2)}\n` : healthText(found));
      });
    });
}

/** @throws VD_API_INVALID */
function momentOf(at: string | undefined): Date | null {
  const result = streamHealthQuery.safeParse({ ...(at === undefined ? {} : { at }) });
  if (!result.success) throw new InvalidInput(issuesOf(result.error.issues).map(({ path, message }) => ({ path: `--${path}`, message })));
  return result.data.at === undefined ? null : new Date(result.data.at);
}

const ofThisMachine: WithHealth = async (work) => {
  const loaded = loadConfig();
  await withStores(loaded, databaseUrlOf(loaded), work);
};
