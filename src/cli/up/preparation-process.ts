import { dataFolders } from '../../core/config/data-folders.js';
import { takeHandOver } from '../../core/config/hand-over.js';
import { loadConfig, type LoadedConfig } from '../../core/config/load-config.js';
import { redactedSecrets, redactText } from '../../core/observability/redact.js';
import { tryPlugins } from '../../core/plugin-host/trial/try-plugins.js';
import { publishUrl } from '../../core/plugin-host/publish-url.js';
import { migrateDatabase } from '../../core/queue/queue-migrations.js';
import { closeToOthers, PRIVATE_UMASK } from '../../core/runtime/file-modes.js';
import { packageFacts } from '../../core/runtime/package-facts.js';
import { withStores } from '../database-access.js';
import { checkPlugins } from '../plugin-check.js';
import { takeFirstSteps } from './first-start.js';
import { checkFfmpeg, checkFolder, checkNode, checkPort, endpoints } from './preflight.js';
import type { OptionsOf, PreparationSteps, ResultOf, StepAnswer, StepError, StepName, StepOrder } from './preparation.js';

// The entry of the process that prepares `vedette up` (`Preparation`): what needs the framework, the database's statements and the
// plugins is done here, and leaves with it.

process.umask(PRIVATE_UMASK);
takeHandOver();

let read: LoadedConfig | undefined;
function loaded(): LoadedConfig {
  if (read === undefined) throw new Error('The config comes first');
  return read;
}

const STEPS: { readonly [S in StepName]: (options: OptionsOf<S>) => Promise<ResultOf<S>> } = {
  read: async () => {
    // The roles are told what came of it, so that none imports what would take it down.
    read = await tryPlugins(loadConfig());
    const { dataDir } = read.config;
    checkNode(packageFacts().node);
    await checkFolder('dataDir', dataDir);
    // Root's data folder lets others pass through: each folder in it is closed by itself.
    await Promise.all([dataDir, ...dataFolders(dataDir)].map(closeToOthers));
    return read;
  },
  check: async () => {
    const { config } = loaded();
    await checkFolder('mediaDir', config.mediaDir);
    await checkFfmpeg(config.packaging.ffmpegPath ?? 'ffmpeg');
    const registry = await checkPlugins(loaded());
    for (const endpoint of endpoints(config, registry)) await checkPort(endpoint);
    return { publishUrl: publishUrl(registry, 'localhost'), secrets: redactedSecrets() };
  },
  migrate: async ({ databaseUrl }) => {
    await migrateDatabase(databaseUrl);
    return null;
  },
  firstSteps: ({ databaseUrl, demo }) =>
    withStores(loaded(), databaseUrl, (stores) => takeFirstSteps(stores, { dataDir: loaded().config.dataDir, demo })),
};

process.on('message', ({ step, options }: StepOrder) => {
  const work = STEPS[step] as (options: OptionsOf<StepName>) => Promise<ReturnType<PreparationSteps[StepName]>>;
  void work(options).then(
    (result) => answer({ step, result }),
    (error: unknown) => answer({ step, error: plain(error) }),
  );
});
process.once('disconnect', () => process.exit());

function answer(message: StepAnswer): void {
  process.send?.(message);
}

function plain(thrown: unknown): StepError {
  const { message = String(thrown), code, fix, stack } = thrown as Partial<Error> & { code?: unknown; fix?: string };
  const isCoded = typeof code === 'string' && code.startsWith('VD_');
  return isCoded
    ? { message: redactText(message), code, ...(fix === undefined ? {} : { fix }) }
    : { message: redactText(message), ...(stack === undefined ? {} : { stack: redactText(stack) }) };
}
