import { Command } from 'commander';
import { InvalidInput, issuesOf } from '../../core/api/http/validation.pipe.js';
import { capacityAnswerWire } from '../../core/api/resources/capacity.controller.js';
import { capacityQuery } from '../../core/wire/capacity.wire.js';
import { Capacity, DEFAULT_WINDOW_MS, type CapacityQuestion } from '../../core/api/resources/capacity-questions.js';
import { loadConfig } from '../../core/config/load-config.js';
import { capacityText } from '../capacity/capacity-text.js';
import { withStores } from '../database-access.js';
import { databaseUrlOf } from '../database-address.js';
import { checkPlugins } from '../plugin-check.js';

interface CapacityOptions {
  readonly window?: string;
  readonly streams?: string;
  readonly hosts?: string;
  readonly analyzer?: string;
  readonly all?: boolean;
  readonly json?: boolean;
}

/** Opens what the answer stands on for the length of `work`. */
type WithCapacity = (work: (capacity: Capacity) => Promise<void>) => Promise<void>;

/** The same answer as GET /api/capacity. */
export function capacityCommand(withCapacity: WithCapacity = ofThisMachine): Command {
  return new Command('capacity')
    .description('Report from measured costs whether the work fits, and the cheapest change if not')
    .option('--window <duration>', 'how far back measurements count, 1m to 6h (default: 15m)')
    .option('--streams <n>', 'what if there were so many more streams like the average one')
    .option('--hosts <n>', 'what if there were so many more analysis hosts, a core each')
    .option('--analyzer <id>', 'what if this analyzer ran on every stream')
    .option('--all', 'what if every enabled stream were live')
    .option('--json', 'print the answer of GET /api/capacity')
    .addHelpText(
      'after',
      '\nExamples:\n  vedette capacity\n  vedette capacity --streams 4 --hosts 2\n  vedette capacity --analyzer ' +
        'object-detection --window 1h',
    )
    .action(async ({ json, ...options }: CapacityOptions) => {
      const question = checked(options);
      await withCapacity(async (capacity) => {
        const answer = capacityAnswerWire(await capacity.answer(question));
        process.stdout.write(json ? `${JSON.stringify(answer, null, 2)}\n` : capacityText(answer));
      });
    });
}

/** @throws VD_API_INVALID option by option */
function checked({ all, ...options }: Omit<CapacityOptions, 'json'>): CapacityQuestion {
  const result = capacityQuery.safeParse({ ...options, ...(all ? { all: 'true' } : {}) });
  if (!result.success) throw new InvalidInput(issuesOf(result.error.issues).map(({ path, message }) => ({ path: `--${path}`, message })));
  const { window, streams, hosts, analyzer } = result.data;
  return {
    windowMs: window ?? DEFAULT_WINDOW_MS,
    moreStreams: streams ?? 0,
    moreHosts: hosts ?? 0,
    analyzerId: analyzer ?? null,
    allStreams: all === true,
    seesPrivate: true,
  };
}

const ofThisMachine: WithCapacity = async (work) => {
  const loaded = loadConfig();
  const registry = await checkPlugins(loaded);
  await withStores(loaded, databaseUrlOf(loaded), ({ capacity, outlook }) =>
    work(new Capacity(capacity, registry, outlook, loaded.config)),
  );
};
