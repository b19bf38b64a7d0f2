import { mkdir, readFile, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { EXECUTION_PROVIDERS, writeWholeFile } from '../plugin-api/index.js';
import { isProcessAlive } from '../runtime/process-alive.js';
import type { ProbeVerdict } from './probe-protocol.js';

/** How long a refusal stands: a busy machine, or a full one, may have been to blame. */
const REFUSAL_STANDS_MS = 10 * 60_000;
const CLAIM_POLL_MS = 50;
/** Which process claims a file. */
const OWN_NAME = `${hostname()} ${process.pid}`;
const MAX_VERDICT_BYTES = 256 * 1024;

const tensor = z.object({ name: z.string(), type: z.string(), dims: z.array(z.number()) });
const verdictSchema = z.object({
  sha256: z.string(),
  provider: z.enum(EXECUTION_PROVIDERS),
  runtime: z.string(),
  triedAt: z.iso.datetime(),
  refusal: z.object({ code: z.string(), message: z.string() }).nullable(),
  note: z.string().nullable(),
  inputs: z.array(tensor),
  outputs: z.array(tensor),
  openMs: z.number().nullable(),
  runMs: z.number().nullable(),
  peakBytes: z.number().nullable(),
  backends: z.array(z.object({ name: z.string(), bundled: z.boolean() })),
});

export type VerdictKey = Pick<ProbeVerdict, 'sha256' | 'provider' | 'runtime'>;

/** Verdicts on disk, so that a file is tried once per machine, provider and version of onnxruntime. */
export class ProbeVerdicts {
  /** @param claimStandsMs after which another process may try a file that somebody is already trying */
  constructor(
    private readonly folder: string,
    private readonly claimStandsMs: number,
  ) {}

  /** The verdict in force, if there is one. Anything unreadable counts as none. */
  async read(key: VerdictKey): Promise<ProbeVerdict | null> {
    try {
      const file = this.file(key);
      if ((await stat(file)).size > MAX_VERDICT_BYTES) return null;
      const verdict = verdictSchema.parse(JSON.parse(await readFile(file, 'utf8')));
      if (verdict.sha256 !== key.sha256 || verdict.provider !== key.provider || verdict.runtime !== key.runtime) return null;
      const ageMs = Date.now() - Date.parse(verdict.triedAt);
      return verdict.refusal !== null && (ageMs > REFUSAL_STANDS_MS || ageMs < 0) ? null : verdict;
    } catch {
      return null;
    }
  }

  /** The verdict in force, or what `probe` finds; of several processes that ask at once one probes, the others wait for it. */
  async get(key: VerdictKey, probe: () => Promise<ProbeVerdict>): Promise<ProbeVerdict> {
    await mkdir(this.folder, { recursive: true });
    for (;;) {
      const known = await this.read(key);
      if (known !== null) return known;
      const claim = `${this.file(key)}.claim`;
      if (await this.claim(claim)) {
        try {
          const verdict = await probe();
          await writeWholeFile(this.file(key), JSON.stringify(verdict));
          return verdict;
        } finally {
          await rm(claim, { force: true });
        }
      }
      await pause(CLAIM_POLL_MS);
    }
  }

  async forget(key: VerdictKey): Promise<void> {
    await rm(this.file(key), { force: true });
  }

  private async claim(file: string): Promise<boolean> {
    try {
      await writeWholeFile(file, OWN_NAME, { isNew: true });
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      if (await this.isAbandoned(file)) await rm(file, { force: true });
      return false;
    }
  }

  /** Whether who claimed it is gone: a host may be ended while it tries a file. */
  private async isAbandoned(file: string): Promise<boolean> {
    const held = await stat(file).catch(() => undefined);
    if (held === undefined) return false;
    if (Date.now() - held.mtimeMs > this.claimStandsMs) return true;
    const [machine, pid] = (await readFile(file, 'utf8').catch(() => '')).split(' ');
    return machine === hostname() && !isProcessAlive(Number(pid));
  }

  private file({ sha256, provider, runtime }: VerdictKey): string {
    return join(this.folder, `${sha256}.${provider}.${runtime.replaceAll(/[^\w.-]/g, '_')}.json`);
  }
}
