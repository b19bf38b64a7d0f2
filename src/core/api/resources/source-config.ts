import { Injectable } from '@nestjs/common';
import { apiError, apiErrors } from '../../errors/api.errors.js';
import { streamConfigOf } from '../../streams/publish-policy.js';
import { PluginRegistry, type RegisteredSource } from '../../plugin-host/plugin-registry.js';
import { InvalidInput, issuesOf } from '../http/validation.pipe.js';

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
}
