import { join } from 'node:path';
import { childConfinement, type LazyConfinement } from '../config/child-confinement.js';
import type { VedetteConfig } from '../config/schema.js';
import { modelError, modelErrors } from '../errors/model.errors.js';
import type { VedetteError } from '../errors/errors.js';
import type { ExecutionProvider } from '../plugin-api/index.js';
import { withCopy } from './model-copy.js';
import { readModel } from './model-file.js';
import { ProbeProcess, type ProbeLimits } from './probe-process.js';
import type { ProbeVerdict } from './probe-protocol.js';
import { ProbeVerdicts } from './probe-verdicts.js';
import { runtimeVersion, sessionOptions } from './runtime-facts.js';

export interface ModelProbeOptions extends ProbeLimits {
  /** Where verdicts are kept. */
  readonly folder: string;
  readonly entry?: string;
  readonly confinement?: LazyConfinement;
}

/** A file that is to be tried; it must have been read and hashed. */
export interface ProbeSubject {
  readonly file: string;
  readonly sha256: string;
}

/**
 * Tries model files in a process of their own before anybody relies on them: opened, and run once on zeros at the smallest
 * size it takes. Once per content, provider and version of onnxruntime.
 */
export class ModelProbe {
  readonly runtime = runtimeVersion();
  private readonly verdicts: ProbeVerdicts;

  constructor(private readonly options: ModelProbeOptions) {
    this.verdicts = new ProbeVerdicts(options.folder, 2 * options.timeoutMs + 1_000);
  }

  static of(config: Pick<VedetteConfig, 'dataDir' | 'inference'>): ModelProbe {
    const { dataDir, inference } = config;
    return new ModelProbe({
      folder: ModelProbe.folderIn(dataDir),
      timeoutMs: inference.probeTimeout,
      memoryBytes: inference.probeMemoryLimit,
      confinement: childConfinement({ config, file: null }),
    });
  }

  /** `<dataDir>/model-probes` */
  static folderIn(dataDir: string): string {
    return join(dataDir, 'model-probes');
  }

  /**
   * @param again tries the file even though it was tried before
   * @throws VD_MODEL_PROBE_UNAVAILABLE when no process could be started
   */
  async try(subject: ProbeSubject, provider: ExecutionProvider, again = false): Promise<ProbeVerdict> {
    const key = { sha256: subject.sha256, provider, runtime: this.runtime };
    if (again) await this.verdicts.forget(key);
    return this.verdicts.get(key, () => this.run(subject, provider));
  }

  /** What is known of a file already, without trying it. */
  known(sha256: string, provider: ExecutionProvider): Promise<ProbeVerdict | null> {
    return this.verdicts.read({ sha256, provider, runtime: this.runtime });
  }

  private async run({ file, sha256 }: ProbeSubject, provider: ExecutionProvider): Promise<ProbeVerdict> {
    const { timeoutMs, entry, folder, confinement } = this.options;
    const model = await readModel(file, sha256);
    const findings = await withCopy(model, join(folder, 'copies'), async (copy) => {
      // The parent ends it first; this is for a parent that died.
      const job = { file: copy, session: sessionOptions(provider), deadlineMs: timeoutMs + 5_000 };
      const found = await new ProbeProcess(job, this.options, entry, await confinement?.()).findings();
      const refusal = found.refusal && { ...found.refusal, message: found.refusal.message.replaceAll(copy, file) };
      return { ...found, refusal };
    });
    return { sha256, provider, runtime: this.runtime, triedAt: new Date().toISOString(), ...findings };
  }
}

/** The error that a refused file is refused with. */
export function refusalOf({ refusal, provider }: ProbeVerdict, file: string): VedetteError | null {
  if (refusal === null) return null;
  const code = refusal.code in modelErrors ? (refusal.code as keyof typeof modelErrors) : 'VD_MODEL_CRASHED';
  return modelError(code, `${file} on ${provider}: ${refusal.message}`);
}
