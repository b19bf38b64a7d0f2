import { Command } from 'commander';
import { InvalidInput, issuesOf } from '../../core/api/http/validation.pipe.js';
import { diffCsv, diffWireOf } from '../../core/api/resources/backfill-diff.js';
import { Backfills, backfillWireOf } from '../../core/api/resources/backfills.js';
import { StreamAccess } from '../../core/api/resources/stream-access.js';
import { COMMAND_LINE } from '../../core/audit/actor.js';
import { loadConfig } from '../../core/config/load-config.js';
import type { BackfillDifferences } from '../../core/persistence/backfill/backfill-differences.js';
import type { Backfill, BackfillStore, NewBackfill } from '../../core/persistence/backfill/backfill-store.js';
import type { StreamReads } from '../../core/persistence/read/stream-reads.js';
import type { StreamStore } from '../../core/persistence/streams/stream-store.js';
import { errorText } from '../../core/plugin-api/index.js';
import type { PluginRegistry } from '../../core/plugin-host/plugin-registry.js';
import type { BrandLibrary } from '../../core/references/brand-library.js';
import { backfillParams, type BackfillWire, findBrandBody, newBackfillBody } from '../../core/wire/backfills.wire.js';
import { UNFINISHED } from '../../core/wire/job-states.js';
import { backfillLine, diffText, quoteText } from '../backfills/backfill-text.js';
import { withStores } from '../database-access.js';
import { databaseUrlOf } from '../database-address.js';
import { brandNamed, streamNamed } from '../named.js';
import { checkPlugins } from '../plugin-check.js';
import { follow } from '../process/follow.js';

/** What the command works on. */
export interface BackfillParts {
  readonly store: BackfillStore;
  readonly differences: Pick<BackfillDifferences, 'of'>;
  readonly streams: Pick<StreamStore, 'getByName'>;
  readonly reads: StreamReads;
  readonly brands: BrandLibrary;
  /** Checked plugins; only what begins a backfill needs them. */
  readonly registry: () => Promise<PluginRegistry>;
}
/** Opens the database for the length of `work`. */
type WithBackfills = (work: (parts: BackfillParts) => Promise<void>) => Promise<void>;

interface StartOptions {
  readonly from: string;
  readonly to: string;
  readonly onlyMissing?: true;
  readonly applies?: true;
  readonly config?: string;
  readonly title?: string;
  readonly quote?: true;
  readonly wait?: true;
}

const LISTED = 50;
/** Whoever has the machine may see everything on it. */
const OPERATOR = { role: 'admin' } as const;
const CHANGES = {
  pause: 'Begin no further segment',
  resume: 'Go on with a paused one',
  cancel: 'End it; what it filled or took over stays, what it only found goes',
  apply: 'Let what it found take the place of what was known',
  discard: 'Drop what it found',
} as const;

/** Recordings that an analyzer looks at again, as `/api/backfills` does it; a worker has to be up for the work. */
export function backfillCommand(withBackfills: WithBackfills = ofThisMachine): Command {
  const backfill = new Command('backfill').description('Let an analyzer look at what was recorded, again or for the first time');
  const ranged = (command: Command): Command =>
    command
      .requiredOption('--from <time>', 'beginning of the range; ISO 8601 with time zone')
      .requiredOption('--to <time>', 'its end')
      .option('--applies', 'let what is found take the place of what is known without being asked')
      .option('--quote', 'only say how much there is to do')
      .option('--wait', 'tell how far it is until it is over');
  ranged(backfill.command('start'))
    .description('Begin one')
    .argument('<analyzer>', 'its id')
    .argument('<stream...>', 'their names')
    .option('--only-missing', 'analyse what was skipped, failed or never asked for')
    .option('--config <json>', 'keys of the analyzer’s config to try; the others keep their values')
    .option('--title <text>')
    .addHelpText(
      'after',
      '\nExample: vedette backfill start object-detection door --from 2026-03-01T20:00:00Z --to 2026-03-02T06:00:00Z --only-missing',
    )
    .action((analyzerId: string, names: string[], options: StartOptions) =>
      withBackfills(async (parts) => {
        const streamIds = await idsOf(parts.streams, names);
        const { from, to, onlyMissing, applies, title } = options;
        const config = options.config === undefined ? undefined : jsonOf(options.config);
        const body = checked(newBackfillBody, { streamIds, analyzerId, from, to, onlyMissing, applies, title, config });
        const asked = new Backfills(await parts.registry(), new StreamAccess(parts.reads)).asked(body, OPERATOR);
        await begin(parts.store, await asked, options);
      }),
    );
  ranged(backfill.command('find-brand'))
    .description('Look for a brand in what was recorded before it was known')
    .argument('<brand>', 'its name')
    .argument('[stream...]', 'absent: every stream that is looked at for brands')
    .action((name: string, names: string[], options: StartOptions) =>
      withBackfills(async (parts) => {
        const brand = brandNamed(await parts.brands.store.list(), name, 'There is no brand');
        const streamIds = names.length === 0 ? undefined : await idsOf(parts.streams, names);
        const body = checked(findBrandBody, { streamIds, from: options.from, to: options.to, applies: options.applies });
        const asked = new Backfills(await parts.registry(), new StreamAccess(parts.reads)).askedForBrand(brand.name, body, OPERATOR);
        await begin(parts.store, await asked, options);
      }),
    );
  backfill
    .command('list')
    .description('List those that are not over, the newest first')
    .option('--all', 'those that are over too')
    .option('--json', 'print the same as JSON')
    .action(({ all, json }: { all?: true; json?: true }) =>
      withBackfills(async ({ store }) => {
        const jobs = (await store.list({ ...(all ? {} : { states: UNFINISHED }), limit: LISTED })).map(wireOf);
        if (json) print(JSON.stringify(jobs, null, 2));
        else print(jobs.map(backfillLine).join('\n') || 'None.');
      }),
    );
  backfill
    .command('show')
    .description('Tell how far one is')
    .argument('<id>', undefined, idOf)
    .option('--wait', 'until it is over')
    .action((id: string, { wait }: { wait?: true }) =>
      withBackfills(({ store }) => (wait ? untilOver(store, id) : store.one(id).then((job) => print(backfillLine(wireOf(job)))))),
    );
  backfill
    .command('diff')
    .description('Print what it found beside what was known')
    .argument('<id>', undefined, idOf)
    .option('--csv', 'print the counts as CSV')
    .action((id: string, { csv }: { csv?: true }) =>
      withBackfills(async ({ store, differences }) => {
        await store.one(id);
        const diff = diffWireOf(await differences.of(id, 0));
        print(csv ? diffCsv(diff).trimEnd() : diffText(diff));
      }),
    );
  for (const [change, description] of Object.entries(CHANGES) as [keyof typeof CHANGES, string][])
    backfill
      .command(change)
      .description(description)
      .argument('<id>', undefined, idOf)
      .action((id: string) => withBackfills(async ({ store }) => print(backfillLine(wireOf(await store[change](id, COMMAND_LINE))))));
  backfill
    .command('delete')
    .description('Forget one that is over')
    .argument('<id>', undefined, idOf)
    .action((id: string) =>
      withBackfills(async ({ store }) => {
        await store.remove(id, COMMAND_LINE);
        print(`Backfill ${id} is forgotten.`);
      }),
    );
  return backfill;
}

async function begin(store: BackfillStore, asked: NewBackfill, { quote, wait }: StartOptions): Promise<void> {
  const { mediaMs, cpuMs, ...counts } = await store.quote(asked);
  print(quoteText({ ...counts, mediaSeconds: mediaMs / 1_000, cpuSeconds: cpuMs === null ? null : cpuMs / 1_000 }));
  if (quote) return;
  const { id } = await store.create(asked, COMMAND_LINE);
  if (wait) return untilOver(store, id);
  print(`Backfill ${id} is begun. To see how far it is: vedette backfill show ${id} --wait`);
}

async function untilOver(store: BackfillStore, id: string): Promise<void> {
  const isOver = ({ state }: BackfillWire): boolean => !UNFINISHED.some((unfinished) => unfinished === state);
  const over = await follow({ look: async () => wireOf(await store.one(id)), isOver, lineOf: backfillLine });
  if (over.state !== 'done') process.exitCode = 1;
}

const wireOf = (job: Backfill): BackfillWire => backfillWireOf(job, OPERATOR.role);
const print = (text: string): void => void process.stdout.write(`${text}\n`);

/** @throws VD_STREAM_NOT_FOUND */
const idsOf = async (streams: BackfillParts['streams'], names: readonly string[]): Promise<string[]> =>
  (await Promise.all(names.map((name) => streamNamed(streams, name)))).map(({ id }) => id);

/** @throws VD_API_INVALID that names the option */
function checked<T>(
  schema: { safeParse(given: unknown): { success: true; data: T } | { success: false; error: { issues: Parameters<typeof issuesOf>[0] } } },
  given: unknown,
): T {
  const result = schema.safeParse(given);
  if (!result.success) throw new InvalidInput(issuesOf(result.error.issues).map(({ path, message }) => ({ path: `--${path}`, message })));
  return result.data;
}

const idOf = (text: string): string => checked(backfillParams, { id: text }).id;

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new InvalidInput([{ path: '--config', message: `is no JSON: ${errorText(error)}` }]);
  }
}

const ofThisMachine: WithBackfills = async (work) => {
  const loaded = loadConfig();
  await withStores(loaded, databaseUrlOf(loaded), ({ backfills, brands, streams }) =>
    work({ ...backfills, brands, streams, registry: () => checkPlugins(loaded) }),
  );
};
