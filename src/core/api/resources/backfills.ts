import { Injectable } from '@nestjs/common';
import { backfillError } from '../../errors/backfill.errors.js';
import type { Backfill, NewBackfill } from '../../persistence/backfill/backfill-store.js';
import { isoOrNull } from '../../persistence/read/wire-rows.js';
import { CodedError, type JsonObject } from '../../plugin-api/index.js';
import { PluginRegistry, type RegisteredAnalyzer } from '../../plugin-host/plugin-registry.js';
import { watchesStream } from '../../plugin-host/watched-streams.js';
import type { BackfillWire, FindBrandBody, NewBackfillBody } from '../../wire/backfills.wire.js';
import type { Role } from '../../wire/wire.js';
import { type Seer, StreamAccess } from './stream-access.js';

/** What is looked for in the past, of what somebody asks. */
@Injectable()
export class Backfills {
  constructor(
    private readonly registry: PluginRegistry,
    private readonly access: StreamAccess,
  ) {}

  /** @throws VD_API_NOT_FOUND, VD_BACKFILL_RANGE_INVALID, VD_BACKFILL_ANALYZER_UNKNOWN, VD_BACKFILL_CONFIG_INVALID */
  async asked(body: NewBackfillBody, principal: Seer): Promise<NewBackfill> {
    for (const streamId of body.streamIds) await this.access.one(streamId, principal);
    const analyzer = this.analyzer(body.analyzerId);
    const config = body.config === undefined ? null : await this.config(analyzer, body.config as JsonObject);
    const { streamIds, onlyMissing = false, applies = false, title } = body;
    return {
      ...{ title: title ?? analyzer.definition.title, streamIds, onlyMissing, applies, config },
      ...{ analyzerId: analyzer.definition.id, analyzerVersion: analyzer.definition.version },
      ...rangeOf(body),
    };
  }

  /** Of the analyzer that looks for brands, everything anew: what it knows of each segment changes with each brand. */
  async askedForBrand(name: string, body: FindBrandBody, principal: Seer): Promise<NewBackfill> {
    const analyzer = this.registry.analyzers.find(({ definition }) => definition.references === 'logo');
    if (analyzer === undefined) throw backfillError('VD_BACKFILL_ANALYZER_UNKNOWN', 'No enabled analyzer looks for brands');
    const streams = await this.access.list(principal);
    const watched = streams.filter(({ wire }) => watchesStream(analyzer, wire.name)).map(({ wire }) => wire.id);
    const { streamIds = watched, applies = true, from, to } = body;
    if (streamIds.length === 0) throw backfillError('VD_BACKFILL_RANGE_INVALID', 'No stream is looked at for brands');
    return this.asked({ streamIds, analyzerId: analyzer.definition.id, from, to, applies, title: `${name} in the past` }, principal);
  }

  /** Whoever may see all of its streams may see it. */
  async isVisible({ streamIds }: Backfill, principal: Seer): Promise<boolean> {
    const found = await Promise.all(streamIds.map((id) => this.access.find(id, principal)));
    return found.every((view) => view !== undefined) || principal.role === 'admin';
  }

  private analyzer(id: string): RegisteredAnalyzer {
    const found = this.registry.analyzers.find(({ definition }) => definition.id === id);
    if (found !== undefined) return found;
    const known = this.registry.analyzers.map(({ definition }) => definition.id).join(', ') || 'none';
    throw backfillError('VD_BACKFILL_ANALYZER_UNKNOWN', `No analyzer has the id ${id}; there are: ${known}`);
  }

  /** What is not given keeps its value. */
  private async config({ definition, placement }: RegisteredAnalyzer, given: JsonObject): Promise<JsonObject> {
    const written = { ...(placement.config as JsonObject), ...given };
    try {
      await this.registry.configureAnalyzer(definition.id, written);
      return written;
    } catch (error) {
      if (!(error instanceof CodedError)) throw error;
      throw backfillError('VD_BACKFILL_CONFIG_INVALID', error.message, { cause: error });
    }
  }
}

function rangeOf({ from, to }: { readonly from: string; readonly to: string }): { fromMs: number; toMs: number } {
  const [fromMs, toMs] = [Date.parse(from), Date.parse(to)];
  if (toMs <= fromMs) throw backfillError('VD_BACKFILL_RANGE_INVALID', `${to} is not after ${from}`);
  return { fromMs, toMs };
}

export function backfillWireOf(job: Backfill, role: Role): BackfillWire {
  const { queued, running, done, partial, skipped, failed, compared, applied } = job.counts;
  const ended = done + partial + skipped + failed;
  const [part, whole] = {
    analysing: [ended, ended + queued + running],
    comparing: [compared, done + partial],
    applying: [applied, done + partial],
  }[job.phase] as [number, number];
  return {
    ...{ id: job.id, title: job.title, analyzerId: job.analyzerId, analyzerVersion: job.analyzerVersion, streamIds: [...job.streamIds] },
    config: role === 'admin' ? (job.config as BackfillWire['config']) : null,
    ...{ from: job.fromAt.toISOString(), to: job.toAt.toISOString(), onlyMissing: job.onlyMissing, fills: job.fills, applies: job.applies },
    ...{ state: job.state, phase: job.phase, progress: job.state === 'done' || whole === 0 ? 1 : part / whole },
    segments: { queued, running, done, partial, skipped, failed },
    ...{ outcome: job.outcome, detail: job.detail, errorCode: job.errorCode, createdBy: job.createdBy },
    ...{ createdAt: job.createdAt.toISOString(), startedAt: isoOrNull(job.startedAt), finishedAt: isoOrNull(job.finishedAt) },
  };
}
