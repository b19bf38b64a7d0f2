import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rtmpConfigSchema } from '../../src/adapters/rtmp/config.js';
import { migrateCommand } from '../../src/cli/commands/migrate.js';
import { roleCommands } from '../../src/cli/commands/roles.js';
import { upCommand } from '../../src/cli/commands/up.js';
import { exitCodeOf } from '../../src/cli/exit-codes.js';
import { variablesOf } from '../../src/core/config/environment-source.js';
import { listenAddress } from '../../src/core/config/listen-address.js';
import { loadConfig } from '../../src/core/config/load-config.js';
import { configKeys } from '../../src/core/config/schema-walk.js';
import { vedetteConfigSchema, type VedetteConfig } from '../../src/core/config/schema.js';
import { bootErrors } from '../../src/core/errors/boot.errors.js';
import { composeFile, composeRoles, COMPOSE_FILES, ownServices } from './support/deploy/compose.js';
import { DATA_DIR, MEDIA_DIR, type DeployedRole } from './support/deploy/deployed-role.js';
import * as image from './support/deploy/dockerfile.js';
import { kubernetesRoles, OVERLAYS, podsOf, rendered } from './support/deploy/kubernetes.js';
import { settingsOf, systemdRoles, UNITS } from './support/deploy/systemd.js';
import { ROOT, textOf, trackedFiles } from './support/tree.js';

const COMMANDS = [upCommand(), migrateCommand(), ...roleCommands()].map((command) => command.name());
const VARIABLES = new Set(['VEDETTE_CONFIG', ...configKeys(vedetteConfigSchema).flatMap(variablesOf)]);
/** Read by Node.js and the C library. */
const FOREIGN = new Set(['NODE_ENV', 'NODE_OPTIONS', 'MALLOC_ARENA_MAX', 'MALLOC_TRIM_THRESHOLD_']);
const IMAGE: DeployedRole = {
  where: 'deploy/Dockerfile',
  command: image.imageCommand(),
  env: image.imageEnv(),
  ports: [],
  writable: image.imageVolumes(),
};
const ROLES = [IMAGE, ...composeRoles(), ...OVERLAYS.flatMap(kubernetesRoles), ...systemdRoles()];
const { version, devDependencies } = JSON.parse(textOf('package.json')) as { version: string; devDependencies: Record<string, string> };

let scratch: string;
let secrets: string;

beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'vedette-deploy-'));
  cpSync(join(ROOT, 'deploy/make-secrets.sh'), join(scratch, 'make-secrets.sh'));
  execFileSync('sh', [join(scratch, 'make-secrets.sh')]);
  secrets = join(scratch, 'secrets');
  // A worker host's token is made by hand, on another machine.
  writeFileSync(join(scratch, 'worker-host-token'), 'f'.repeat(64));
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** The config that a role comes to, from its file and environment, its secrets being the ones of the script. */
function configOf({ where, env, config }: DeployedRole): VedetteConfig {
  const cwd = mkdtempSync(join(scratch, 'config-'));
  if (config !== undefined) writeFileSync(join(cwd, 'vedette.config.yaml'), config);
  const secretFile = (path: string): string => {
    const found = [secrets, scratch].map((folder) => join(folder, basename(path))).find(existsSync);
    if (found === undefined) throw new Error(`${where} reads the secret ${path}, which nobody makes`);
    return found;
  };
  const readable = Object.entries(env).map(([name, value]) => [name, name.endsWith('_FILE') ? secretFile(value) : value]);
  return loadConfig({ env: Object.fromEntries(readable) as NodeJS.ProcessEnv, cwd }).config;
}

/** Ports that a role listens on. */
function listensOn([command]: readonly string[], config: VedetteConfig): number[] {
  const written = config.plugins.find(({ use }) => use === 'vedette/rtmp')?.sources['rtmp'];
  const rtmp = rtmpConfigSchema.parse(written).port;
  const media = config.media.listen === undefined ? [] : [listenAddress(config.media.listen).port];
  if (command === 'api') return [config.api.port];
  if (command === 'ingest') return [rtmp, ...media];
  if (command === 'worker-host') return [listenAddress(config.workerHost.listen).port];
  return command === 'up' ? [config.api.port, rtmp, ...media] : [];
}

describe('what is deployed is what Vedette knows', () => {
  it.each(ROLES)('$where', (role) => {
    expect(COMMANDS).toContain(role.command[0]);
    expect(Object.keys(role.env).filter((name) => !VARIABLES.has(name) && !FOREIGN.has(name))).toEqual([]);

    const config = configOf(role);
    const needed = listensOn(role.command, config);
    expect(role.ports.filter((port) => !needed.includes(port))).toEqual([]);
    // Whoever lists ports lists all that others need.
    if (role.ports.length > 0 && !role.where.includes('compose')) expect([...role.ports].sort()).toEqual([...needed].sort());

    if (role.command[0] === 'migrate') return; // writes to the database only
    expect([config.dataDir, config.mediaDir]).toEqual([DATA_DIR, MEDIA_DIR]);
    for (const folder of [DATA_DIR, MEDIA_DIR]) expect(role.writable).toContain(folder);
    // Reached from outside its own network namespace.
    if (role.ports.length > 0) expect(config.api.host).toBe('0.0.0.0');
  });

  it('covers every way of starting it', () => {
    const started = new Set(ROLES.map(({ command }) => command[0]));
    expect([...started].sort()).toEqual(['api', 'ingest', 'migrate', 'up', 'worker', 'worker-host']);
    // The roles that make up the whole must come together in each way that splits them.
    for (const where of ['compose.split', 'split:', 'systemd/']) {
      const there = ROLES.filter((role) => role.where.includes(where)).map(({ command }) => command[0]);
      expect(there, where).toEqual(expect.arrayContaining(['api', 'ingest', 'migrate', 'worker']));
    }
  });

  it('is named rightly in every guide and comment', () => {
    const unknown = trackedFiles()
      .filter((file) => /^deploy\/|^docs\/guides\/|^README\.md$/.test(file))
      .flatMap((file) => (textOf(file).match(/\bVEDETTE_[A-Z][A-Z_]*[A-Z]\b/g) ?? []).map((name) => `${file}: ${name}`))
      .filter((found) => !VARIABLES.has(found.slice(found.indexOf(': ') + 2)));
    expect([...new Set(unknown)]).toEqual([]);
  });
});

describe('secrets', () => {
  it('come by file, each made by the script and used somewhere', () => {
    const made = readdirSync(secrets).sort();
    const inCompose = Object.values(composeFile('deploy/compose.split.yaml').secrets ?? {}).map(({ file }) => basename(file));
    expect(inCompose.sort()).toEqual(made);
    const inKubernetes = podsOf(rendered('split')).flatMap(({ spec }) =>
      (spec.volumes ?? []).flatMap(({ secret }) => secret?.items.map(({ key }) => key) ?? []),
    );
    expect([...new Set(inKubernetes)].sort()).toEqual(made);
    expect(ROLES.flatMap(({ env }) => Object.keys(env)).filter((name) => /^(DATABASE|REDIS)_URL$|PASSWORD$|TOKEN$/.test(name))).toEqual([]);
  });

  it('are random, in a folder for their owner alone, and are not made twice', () => {
    const read = (name: string): string => readFileSync(join(secrets, name), 'utf8');
    expect(new URL(read('database-url')).password).toBe(read('vedette-password'));
    expect(read('redis.conf')).toContain(`requirepass ${new URL(read('redis-url')).password}`);
    for (const name of ['postgres-password', 'vedette-password']) expect(read(name)).toMatch(/^[0-9a-f]{48}$/);
    expect(read('postgres-password')).not.toBe(read('vedette-password'));
    expect(statSync(secrets).mode & 0o777).toBe(0o700);
    const before = read('database-url');
    expect(() => execFileSync('sh', [join(scratch, 'make-secrets.sh')], { stdio: 'ignore' })).toThrow();
    expect(read('database-url')).toBe(before);
  });
});

describe('deploy/Dockerfile', () => {
  it('copies what is there and what .dockerignore lets through', () => {
    const lines = textOf('.dockerignore').split('\n');
    const letThrough = new Set(lines.filter((line) => line.startsWith('!')).map((line) => line.slice(1).split('/')[0]));
    for (const source of image.copiedSources()) {
      expect(existsSync(join(ROOT, source)), source).toBe(true);
      expect([...letThrough], source).toContain(source.split('/')[0]);
    }
    expect(lines).toContain('**');
  });

  it('has the versions of package.json, no root, and ports that are listened on', () => {
    const versions = image.dockerfile().flatMap(({ text }) => /^NODE_IMAGE=.*node:([\d.]+)-bookworm-slim$/.exec(text)?.[1] ?? []);
    expect(versions).toEqual([devDependencies['node']]);
    expect(image.imageUser()).toMatch(/^[1-9]\d{3,}:[1-9]\d{3,}$/);
    expect(image.imageWorkingDirectory()).toBe('/etc/vedette');
    const listened = ROLES.flatMap((role) => listensOn(role.command, configOf(role)));
    expect(image.imagePorts().filter((port) => !listened.includes(port))).toEqual([]);
  });
});

describe('processes get no more than they need', () => {
  it.each(ownServices())('$where', ({ service }) => {
    expect(service).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      stop_grace_period: '30s',
    });
    expect(service.image).toBe(`vedette:${version}`);
  });

  it('Docker publishes nothing but RTMP beyond this machine', () => {
    const published = COMPOSE_FILES.flatMap((file) => Object.values(composeFile(file).services).flatMap(({ ports = [] }) => ports));
    expect(new Set(published.filter((port) => !port.startsWith('127.0.0.1:')))).toEqual(new Set(['1935:1935']));
  });

  const PODS = OVERLAYS.flatMap((overlay) => podsOf(rendered(overlay)).map((pod) => ({ ...pod, overlay })));
  it.each(PODS)('$overlay: $name', ({ spec }) => {
    // A Service named vedette would put VEDETTE_PORT=tcp://… into the environment, which is no key of the config.
    expect(spec).toMatchObject({ enableServiceLinks: false, automountServiceAccountToken: false });
    expect(spec.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
    for (const container of [...spec.containers, ...(spec.initContainers ?? [])]) {
      expect(container.securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
      expect(container.image).not.toMatch(/:latest$|^[^:]+$/);
      if (container.image.startsWith('vedette')) {
        expect(container.image).toBe(`vedette:${version}`);
        expect(`${spec.securityContext?.runAsUser}`).toBe(image.imageUser().split(':')[0]);
      }
    }
  });
});

describe.each(OVERLAYS)('services and network policies of the overlay %s', (overlay) => {
  it('find their pods and name ports that those have', () => {
    const manifests = rendered(overlay);
    const pods = podsOf(manifests);
    const portsOf = (labels: Readonly<Record<string, unknown>>): string[][] =>
      pods
        .filter((pod) => Object.entries(labels).every(([name, value]) => pod.labels[name] === value))
        .map(({ spec }) => spec.containers.flatMap(({ ports = [] }) => ports.map(({ name }) => name)));
    const named = manifests.flatMap(({ kind, metadata, spec }) => {
      if (kind === 'Service')
        return [{ what: metadata.name, labels: spec?.selector, ports: spec?.ports?.map(({ targetPort }) => targetPort) }];
      const ports = spec?.ingress?.flatMap((rule) => rule.ports?.map(({ port }) => port) ?? []);
      return kind === 'NetworkPolicy' && ports !== undefined
        ? [{ what: metadata.name, labels: spec?.podSelector?.matchLabels, ports }]
        : [];
    });
    expect(named.length).toBeGreaterThan(1);
    for (const { what, labels = {}, ports = [] } of named) {
      const found = portsOf(labels);
      expect(found.length, what).toBeGreaterThan(0);
      for (const pod of found) expect(pod, what).toEqual(expect.arrayContaining(ports));
    }
  });
});

describe('systemd units', () => {
  it.each(UNITS)('%s runs the pinned Node.js, and is not started again for what a restart cannot mend', (unit) => {
    const settings = settingsOf(unit);
    expect(settings.get('ExecStart')?.join()).toMatch(
      /^\/opt\/vedette\/node_modules\/node\/bin\/node \/opt\/vedette\/bin\/vedette\.mjs [a-z-]+$/,
    );
    const lasting = [
      ...Object.entries(bootErrors)
        .filter(([, { retryable }]) => !retryable)
        .map(([code]) => code),
      'VD_CONFIG_INVALID',
      'VD_PLUGIN_NOT_FOUND',
    ].map((code) => exitCodeOf(code));
    const never = (settings.get('RestartPreventExitStatus') ?? []).join(' ').split(' ').map(Number);
    expect([...new Set(lasting)].sort((a, b) => a - b)).toEqual(never);
  });
});
