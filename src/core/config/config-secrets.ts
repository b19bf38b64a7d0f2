import { resolve } from 'node:path';
import { configError } from '../errors/config.errors.js';
import { redactSecret } from '../observability/redact.js';
import type { Logger, SecretSource, Secrets } from '../plugin-api/index.js';
import { readSecretFile } from './secret-file.js';
import { errorText } from '../plugin-api/error.js';

/** Reads secrets from files beside the config and from the environment of this process. */
export class ConfigSecrets implements Secrets {
  /** @param baseDir what relative files are resolved from: the config file's folder */
  constructor(
    private readonly baseDir: string,
    private readonly logger: Pick<Logger, 'warn'>,
    private readonly environment: NodeJS.ProcessEnv = process.env,
  ) {}

  read(source: SecretSource): string {
    const secret = 'file' in source ? this.fromFile(source.file) : this.fromEnvironment(source.env);
    redactSecret(secret);
    return secret;
  }

  private fromFile(written: string): string {
    const file = resolve(this.baseDir, written);
    try {
      const { text, isOpenToAll } = readSecretFile(file);
      if (isOpenToAll) this.logger.warn('A secret can be read by every account of this machine', { file, fix: `chmod o-r ${file}` });
      return text;
    } catch (cause) {
      throw configError('VD_CONFIG_SECRET_FILE', `${written} (${file}): ${errorText(cause)}`, { cause });
    }
  }

  private fromEnvironment(name: string): string {
    const secret = this.environment[name]?.trim() ?? '';
    if (secret === '') throw configError('VD_CONFIG_SECRET_MISSING', `${name} is not set in the environment of this process, or empty`);
    return secret;
  }
}
