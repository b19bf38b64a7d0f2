import { readFileSync } from 'node:fs';
import { Command, Option } from 'commander';
import { loadConfig } from '../../core/config/load-config.js';
import { InvalidInput, issuesOf } from '../../core/api/http/validation.pipe.js';
import { refusalOf } from '../../core/inference/model-probe.js';
import { Providers } from '../../core/inference/providers.js';
import { modelEntry } from '../../core/config/model-entry.js';
import { ModelRegistry, type ModelStatus } from '../../core/models/model-registry.js';
import type { PullProgress } from '../../core/models/pull-progress.js';
import { errorText, EXECUTION_PROVIDERS, type ExecutionProvider, type Logger } from '../../core/plugin-api/index.js';

const PROGRESS_EVERY_MS = 500;
const MB = 1_000_000;
const SILENT: Logger = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** The models of this machine's data folder; needs neither database nor a running Vedette. */
export function modelCommand(): Command {
  const model = new Command('model').description('List, download and check models');
  model
    .command('list')
    .description('List the models that a config may name, and the state of their files')
    .action(async () => {
      for (const status of await registry().list()) print(line(status));
    });
  model
    .command('add')
    .description('Register a model that can be downloaded')
    .argument(
      '<entry>',
      'the entry as JSON, or @ and the name of a file with it: {"id":…,"url":…,"sha256":…,"sizeBytes":…,"licence":{"name":…}}',
    )
    .action(async (text: string) => print(line(await registry().add(parseEntry(text)))));
  model
    .command('pull')
    .description('Download a model, or continue its download; Ctrl-C keeps what has been downloaded')
    .argument('<id>')
    .option('--accept-licence', 'accept the licence of a model whose owner asks for that', false)
    .action((id: string, options: { acceptLicence: boolean }) => pull(id, options));
  model
    .command('verify')
    .description('Read the file again and compare it with its checksum')
    .argument('<id>')
    .action(async (id: string) => {
      const { sha256, sizeBytes, precision } = await registry().verify(id);
      print(`${id}: ${sizeBytes} bytes, SHA-256 ${sha256}, ${precision}`);
    });
  model
    .command('probe')
    .description('Open and run the file once in a separate process, even if an earlier probe succeeded')
    .argument('<id>')
    .addOption(new Option('--provider <name>', 'what to run it on').choices([...EXECUTION_PROVIDERS]).default('cpu'))
    .action(probe);
  model
    .command('remove')
    .description('Delete the file, and the registration unless the config has it')
    .argument('<id>')
    .action(async (id: string) => {
      await registry().remove(id);
      print(`${id} is removed.`);
    });
  return model;
}

const registry = (): ModelRegistry => ModelRegistry.of(loadConfig().config);
const print = (text: string): void => void process.stdout.write(`${text}\n`);

function line({ id, state, origin, sizeBytes, task, licence, probe, title }: ModelStatus): string {
  const size = sizeBytes === null ? '' : `${(sizeBytes / MB).toFixed(1)} MB`;
  const refused = probe?.refusal == null ? '' : probe.refusal.code;
  return [
    id.padEnd(24),
    state.padEnd(8),
    origin.padEnd(8),
    size.padStart(10),
    task.padEnd(18),
    (licence?.name ?? '').padEnd(12),
    refused || (title ?? ''),
  ]
    .join('  ')
    .trimEnd();
}

/** @throws VD_API_INVALID field by field */
function parseEntry(text: string) {
  let value: unknown;
  try {
    value = JSON.parse(text.startsWith('@') ? readFileSync(text.slice(1), 'utf8') : text);
  } catch (error) {
    throw new InvalidInput([{ path: '<entry>', message: errorText(error) }]);
  }
  const parsed = modelEntry.safeParse(value);
  if (!parsed.success) throw new InvalidInput(issuesOf(parsed.error.issues));
  return parsed.data;
}

async function pull(id: string, { acceptLicence }: { acceptLicence: boolean }): Promise<void> {
  const models = registry();
  const stop = new AbortController();
  const onInterrupt = (): void => stop.abort();
  process.once('SIGINT', onInterrupt).once('SIGTERM', onInterrupt);
  let toldAtMs = 0;
  const onProgress = (progress: PullProgress): void => {
    if (performance.now() - toldAtMs < PROGRESS_EVERY_MS) return;
    toldAtMs = performance.now();
    process.stderr.write(`${process.stderr.isTTY ? '\r\x1b[K' : ''}${shown(progress)}${process.stderr.isTTY ? '' : '\n'}`);
  };
  try {
    const { licence } = await models.get(id);
    if (licence !== null) print(`Licence: ${[licence.name, licence.url, licence.text].filter((part) => part !== undefined).join('\n')}`);
    const status = await models.pull(id, { acceptLicence, signal: stop.signal, onProgress });
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
    print(line(status));
    const refusal = status.probe === null ? null : refusalOf(status.probe, status.file);
    if (refusal !== null) throw refusal;
  } finally {
    process.off('SIGINT', onInterrupt).off('SIGTERM', onInterrupt);
  }
}

function shown({ receivedBytes, totalBytes, bytesPerSecond, remainingMs }: PullProgress): string {
  const share = Math.floor((100 * receivedBytes) / totalBytes);
  const speed = bytesPerSecond === null ? '' : `, ${(bytesPerSecond / MB).toFixed(1)} MB/s`;
  const rest = remainingMs === null ? '' : `, ${Math.ceil(remainingMs / 1000)} s left`;
  return `${share} % of ${(totalBytes / MB).toFixed(1)} MB${speed}${rest}`;
}

async function probe(id: string, { provider }: { provider: ExecutionProvider }): Promise<void> {
  const { config } = loadConfig();
  // Where the provider is what does not work, no file is to blame.
  if (provider !== 'cpu') await Providers.of(config).usable([provider], SILENT);
  const { facts, verdict } = await ModelRegistry.of(config).probe(id, provider);
  const refusal = refusalOf(verdict, facts.file);
  if (refusal !== null) throw refusal;
  const values = (list: typeof verdict.inputs): string =>
    list.map(({ name, type, dims }) => `${name} ${type}[${dims.map((size) => (size < 0 ? '?' : size)).join(',')}]`).join(', ');
  print(
    `${id} on ${provider}: opened in ${ms(verdict.openMs)}, ran in ${ms(verdict.runMs)}, ${facts.precision}, ${facts.nodes} operators, ` +
      `at most ${Math.round((verdict.peakBytes ?? 0) / MB)} MB`,
  );
  print(`takes ${values(verdict.inputs)}; gives ${values(verdict.outputs)}`);
  if (verdict.note !== null) print(`note: ${verdict.note}`);
  if (facts.metadata['names'] === undefined && facts.metadata['task'] === undefined) return;
  print(`says of itself: ${JSON.stringify({ task: facts.metadata['task'], names: facts.metadata['names']?.slice(0, 500) })}`);
}

const ms = (duration: number | null): string => (duration === null ? 'unknown time' : `${duration.toFixed(1)} ms`);
