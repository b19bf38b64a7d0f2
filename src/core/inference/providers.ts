import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { VedetteConfig } from '../config/schema.js';
import { modelError } from '../errors/model.errors.js';
import { EXECUTION_PROVIDERS, writeWholeFile, type ExecutionProvider, type Logger } from '../plugin-api/index.js';
import { ModelProbe } from './model-probe.js';
import type { ProbeVerdict } from './probe-protocol.js';

/** What became of trying a provider on this machine. */
export interface ProviderFinding {
  readonly provider: ExecutionProvider;
  readonly usable: boolean;
  /** Why it is not usable. */
  readonly reason: string | null;
  /** Whether its libraries come with Vedette; null where this build does not know it. */
  readonly bundled: boolean | null;
}

/** `y = relu(x)` of one number, as an ONNX file: what a provider is tried with. */
const SMALLEST_MODEL = Buffer.from(
  'CAgSB3ZlZGV0dGU6PwoUCgF4EgF5GgZSZWx1OnkiBFJlbHUSBWdyYXBoWg8KAXgSCgoICAESBAoCCAFiDwoBeRIKCggIARIECgIIAUIECgAQEQ==',
  'base64',
);

/** Finds out which execution providers this machine really has: by running something on them, not by what is installed. */
export class Providers {
  constructor(
    private readonly probe: ModelProbe,
    private readonly folder: string,
  ) {}

  async look(provider: ExecutionProvider): Promise<ProviderFinding> {
    const { refusal, note, backends } = await this.verdict(provider);
    const bundled = backends.find(({ name }) => name === provider)?.bundled ?? null;
    return { provider, usable: refusal === null && note === null, reason: refusal?.message ?? note, bundled };
  }

  static of(config: Pick<VedetteConfig, 'dataDir' | 'inference'>): Providers {
    return new Providers(ModelProbe.of(config), ModelProbe.folderIn(config.dataDir));
  }

  /** For the table of instances and the log. */
  async report(
    preferred: readonly ExecutionProvider[],
  ): Promise<{ runtime: string; providers: Pick<ProviderFinding, 'provider' | 'usable' | 'reason'>[] }> {
    const findings = await Promise.all(preferred.map((provider) => this.look(provider)));
    return { runtime: this.probe.runtime, providers: findings.map(({ provider, usable, reason }) => ({ provider, usable, reason })) };
  }

  /** Looks at those of a list, and at whatever else this build of onnxruntime says it can run on. */
  async lookAtAll(preferred: readonly ExecutionProvider[]): Promise<ProviderFinding[]> {
    const cpu = await this.verdict('cpu');
    const built = EXECUTION_PROVIDERS.filter((provider) => cpu.backends.some(({ name }) => name === provider));
    return Promise.all([...new Set([...preferred, ...built])].map((provider) => this.look(provider)));
  }

  /** Those of a list that can be used, in its order; each that cannot is warned of. @throws VD_MODEL_PROVIDER_UNAVAILABLE */
  async usable(preferred: readonly ExecutionProvider[], logger: Logger): Promise<ExecutionProvider[]> {
    // The CPU is everywhere; a probe would say no more, and cost every start a process.
    if (preferred.every((provider) => provider === 'cpu')) return ['cpu'];
    const findings = await Promise.all(preferred.map((provider) => this.look(provider)));
    const usable = findings.filter((finding) => finding.usable).map(({ provider }) => provider);
    for (const { provider, reason } of findings.filter((finding) => !finding.usable)) {
      logger.warn('Execution provider cannot be used on this machine', { provider, reason, insteadOf: usable[0] ?? 'none' });
    }
    if (usable.length === 0) {
      throw modelError(
        'VD_MODEL_PROVIDER_UNAVAILABLE',
        findings.map(({ provider, reason }) => `${provider}: ${reason ?? 'unknown'}`).join('; '),
      );
    }
    return usable;
  }

  private async verdict(provider: ExecutionProvider): Promise<ProbeVerdict> {
    const file = join(this.folder, 'smallest.onnx');
    await mkdir(this.folder, { recursive: true });
    // Several processes may ask at once; each writes the same bytes, and none may find half of them.
    await writeWholeFile(file, SMALLEST_MODEL);
    return this.probe.try({ file, sha256: createHash('sha256').update(SMALLEST_MODEL).digest('hex') }, provider);
  }
}
