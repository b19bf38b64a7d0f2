import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { loadConfig, type LoadedConfig } from '../../core/config/load-config.js';
import type { VedetteConfig } from '../../core/config/schema.js';
import { modelError } from '../../core/errors/model.errors.js';
import { refusalOf } from '../../core/inference/model-probe.js';
import { Providers, type ProviderFinding } from '../../core/inference/providers.js';
import { runtimeVersion } from '../../core/inference/runtime-facts.js';
import { ModelRegistry } from '../../core/models/model-registry.js';
import type { PluginRegistry } from '../../core/plugin-host/plugin-registry.js';
import { within } from '../../core/runtime/within.js';
import { redactText } from '../../core/observability/redact.js';
import { STATEMENT_TIMEOUT_MS } from '../../core/persistence/connection.js';
import { withConnection } from '../../core/persistence/pool.js';
import { databaseUrlOf } from '../database-address.js';
import { exitCodeOf } from '../exit-codes.js';
import { isolationFinding } from '../isolation-finding.js';
import { packageFacts } from '../../core/runtime/package-facts.js';
import { checkPlugins } from '../plugin-check.js';
import { checkFfmpeg, checkFolder, checkNode, checkPort, endpoints } from '../up/preflight.js';

/** A finding that keeps nothing from running, and that an operator should know of. */
interface Note {
  readonly note: string;
}

/** One line of the report: what was looked at, and what was found; a throw is a finding that needs mending. */
interface Check {
  readonly name: string;
  readonly look: () => Promise<string | Note | NotLookedAt> | string | Note | NotLookedAt;
}

/** Why a thing cannot be looked at before something else is mended. */
interface NotLookedAt {
  readonly notLookedAt: string;
}

/** Longer than any check takes on a busy machine. */
const CHECK_TIMEOUT_MS = 120_000;

export function doctorCommand(): Command {
  return new Command('doctor').description('Check whether Vedette can run on this machine').action(async () => {
    process.exitCode = await examine(checks(loadConfig()), process.stdout);
  });
}

/** Runs every check, whatever the ones before found. @returns the exit code: that of the first finding, or 0 */
export async function examine(
  list: readonly Check[],
  output: { write(text: string): unknown },
  timeoutMs = CHECK_TIMEOUT_MS,
): Promise<number> {
  let exitCode = 0;
  for (const { name, look } of list) {
    try {
      const found = await within(
        timeoutMs,
        Promise.resolve().then(look),
        () => new Error(`it was still being looked at after ${timeoutMs} ms`),
      );
      if (typeof found === 'string') output.write(`ok    ${name.padEnd(10)} ${found}\n`);
      else if ('note' in found) output.write(`note  ${name.padEnd(10)} ${found.note}\n`);
      else output.write(`-     ${name.padEnd(10)} not looked at: ${found.notLookedAt}\n`);
    } catch (error) {
      const { code, message, fix } = error as { code?: string; message?: string; fix?: string };
      output.write(
        `FAIL  ${name.padEnd(10)} ${code ?? ''} ${redactText(message ?? String(error))}\n` +
          `${fix === undefined ? '' : `      ${''.padEnd(10)} ${fix}\n`}`,
      );
      exitCode ||= exitCodeOf(code);
    }
  }
  return exitCode;
}

function checks(loaded: LoadedConfig): Check[] {
  const { config, file } = loaded;
  const running = existsSync(join(config.dataDir, 'run', 'up.json'));
  let loading: Promise<PluginRegistry> | undefined;
  const plugins = (): Promise<PluginRegistry> => (loading ??= checkPlugins(loaded));
  return [
    { name: 'config', look: () => file ?? 'no vedette.config.yaml; the defaults are in force' },
    {
      name: 'node',
      look: () => {
        checkNode(packageFacts().node);
        return process.versions.node;
      },
    },
    { name: 'ffmpeg', look: () => checkFfmpeg(config.packaging.ffmpegPath ?? 'ffmpeg') },
    ...(['dataDir', 'mediaDir'] as const).map((what) => ({
      name: what,
      look: async () => {
        await checkFolder(what, config[what]);
        return `${config[what]} is writable`;
      },
    })),
    {
      name: 'plugins',
      look: async () => (await plugins()).plugins.map(({ id, state }) => (state === 'loaded' ? id : `${id} (${state})`)).join(', '),
    },
    {
      name: 'ports',
      look: async () => {
        if (running) return { notLookedAt: 'Vedette runs on this data folder' };
        const registry = await plugins().catch(() => null);
        if (registry === null) return { notLookedAt: 'the plugins say which there are, and do not load' };
        const wanted = endpoints(config, registry);
        for (const endpoint of wanted) await checkPort(endpoint);
        return `${wanted.map(({ host, port }) => `${host}:${port}`).join(', ')} are free`;
      },
    },
    { name: 'database', look: () => databaseFinding(loaded, running) },
    {
      name: 'isolation',
      look: async () => {
        const { text, isComplete } = await isolationFinding(loaded);
        return isComplete ? text : { note: text };
      },
    },
    { name: 'inference', look: () => providerFinding(config) },
    { name: 'models', look: () => modelFinding(config) },
  ];
}

export async function databaseFinding(loaded: LoadedConfig, running: boolean): Promise<string | Note> {
  if (loaded.config.database.url === undefined && !running) return 'embedded; `vedette up` starts it';
  const asked = { databaseUrl: databaseUrlOf(loaded), name: 'vedette doctor', statementTimeoutMs: STATEMENT_TIMEOUT_MS.atOnce };
  return withConnection(asked, async (connection) => {
    const { rows } = await connection.query<{ version: string; role: string; isSuperuser: boolean }>(
      `SELECT current_setting('server_version') AS version, rolname AS role, rolsuper AS "isSuperuser" FROM pg_roles
        WHERE rolname = current_user`,
    );
    const { version = '', role = '', isSuperuser = false } = rows[0] ?? {};
    const answer = `PostgreSQL ${version} answers`;
    if (!isSuperuser) return answer;
    return {
      note:
        `${answer}; role ${role} is a superuser, so that whoever takes over a role of Vedette runs programs on that server. ` +
        `Give Vedette a role that owns its database and is none: ALTER ROLE … NOSUPERUSER`,
    };
  });
}

/** Every provider that this build of onnxruntime knows, and those of the config; each is tried. */
async function providerFinding(config: VedetteConfig): Promise<string> {
  const findings = await Providers.of(config).lookAtAll(config.inference.providers);
  const usable = findings.filter((finding) => finding.usable).map(({ provider }) => provider);
  const wanted = config.inference.providers;
  if (!wanted.some((provider) => usable.includes(provider))) {
    throw modelError(
      'VD_MODEL_PROVIDER_UNAVAILABLE',
      findings
        .filter(({ provider }) => wanted.includes(provider))
        .map(described)
        .join('; '),
    );
  }
  const others = findings.filter((finding) => !finding.usable).map(described);
  return [`onnxruntime ${runtimeVersion()} runs on ${usable.join(', ')}`, ...others].join('; ');
}

/** The end of a reason says more than its beginning, which names a source file of onnxruntime. */
const described = ({ provider, reason }: ProviderFinding): string =>
  `not on ${provider} (${(reason ?? 'unknown').trim().split('\n')[0]?.slice(-120) ?? ''})`;

async function modelFinding(config: VedetteConfig): Promise<string> {
  const models = await ModelRegistry.of(config).list();
  const refused = models.find(({ probe }) => probe?.refusal != null);
  if (refused?.probe != null) throw refusalOf(refused.probe, refused.file) ?? new Error(refused.id);
  return models.map(({ id, state }) => (state === 'ready' ? id : `${id} (${state})`)).join(', ');
}
