import { Injectable } from '@nestjs/common';
import { secretPaths } from '../../config/schema-walk.js';
import { apiError, apiErrors } from '../../errors/api.errors.js';
import { streamConfigOf } from '../../streams/publish-policy.js';
import { PluginRegistry, type RegisteredSource } from '../../plugin-host/plugin-registry.js';
import { InvalidInput, issuesOf } from '../http/validation.pipe.js';

/** In place of a secret that was given once; given back, it means that one. */
const HIDDEN = '***';

type SourceConfig = Readonly<Record<string, unknown>>;

/** Holds a new stream's adapter and source config against what the plugins offer. */
@Injectable()
export class SourceConfigs {
  constructor(private readonly registry: PluginRegistry) {}

  /**
   * Checks `config` by the adapter's own schema; what is kept is what was given, so that defaults stay the adapter's.
   * @throws VD_API_ADAPTER_UNKNOWN, VD_API_SOURCE_CONFIG_INVALID
   */
  check(adapterId: string, config: Readonly<Record<string, unknown>> | undefined): RegisteredSource {
    const source = this.registry.sources.find((candidate) => candidate.definition.id === adapterId);
    if (source === undefined) {
      const known = this.registry.sources.map((candidate) => candidate.definition.id).join(', ');
      throw apiError('VD_API_ADAPTER_UNKNOWN', `No source adapter has the id ${adapterId}; there are: ${known || 'none'}.`);
    }
    const result = streamConfigOf(source.definition).safeParse(config ?? {});
    if (result.success) return source;
    const issues = issuesOf(result.error.issues).map((issue) => ({
      ...issue,
      path: ['sourceConfig', issue.path].filter((part) => part !== '').join('.'),
    }));
    throw new InvalidInput(issues, 'VD_API_SOURCE_CONFIG_INVALID', apiErrors.VD_API_SOURCE_CONFIG_INVALID);
  }
  /** A config as it is shown: with nothing in it that opens a source. */
  shown(adapterId: string, config: SourceConfig): SourceConfig {
    return this.withSecrets(adapterId, config, () => HIDDEN);
  }

  /** A config as it is given back: what is hidden in it stays what it was. */
  given(adapterId: string, config: SourceConfig, before: SourceConfig): SourceConfig {
    return this.withSecrets(adapterId, config, (value, key) => (value === HIDDEN ? before[key] : value));
  }

  private withSecrets(adapterId: string, config: SourceConfig, of: (value: unknown, key: string) => unknown): SourceConfig {
    const { config: schema } = this.registry.sources.find(({ definition }) => definition.id === adapterId)?.definition ?? {};
    const keys = new Set(schema === undefined ? [] : secretPaths(schema).map(([key]) => key));
    const entries = Object.entries(config).map(([key, value]) => [key, keys.has(key) ? of(value, key) : value] as const);
    return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
  }
}
