import { Injectable } from '@nestjs/common';
import { recordIn } from '../access/audit-log.js';
import { ruleError } from '../../errors/rule.errors.js';
import type { JudgedEvent } from '../../rules/judge.js';
import { RuleEvents, type RuleReplacement } from '../../rules/rule-events.js';
import { Database, queryOf } from '../database.js';

/** Events are indexed by wall clock, which differs from media time by rounding. */
const CLOCK_SLACK_MS = 1_000;
/** Longer than judging and waiting for one's turn take. */
const MEANWHILE_S = 300;

const REMOVE = `
DELETE FROM events v USING jsonb_to_recordset($3::jsonb) AS s(epoch_id uuid, from_pts_us bigint, to_pts_us bigint)
WHERE v.stream_id = $1 AND v.epoch_id = s.epoch_id AND v.start_pts_us >= s.from_pts_us AND v.start_pts_us < s.to_pts_us
  AND v.start_at BETWEEN $6::timestamptz AND $7::timestamptz
  AND v.key LIKE $2 AND v.state = 'closed' AND v.key <> ALL ($4::text[])
  AND NOT EXISTS (SELECT 1 FROM analysis_runs r WHERE r.id = v.last_run_id
    AND r.finished_at > now() - interval '${MEANWHILE_S} seconds' AND r.id <> ALL ($5::bigint[]))
RETURNING v.id`;

const STORE = `
INSERT INTO events (stream_id, epoch_id, analyzer_id, config_hash, key, name, state, start_pts_us, start_at, end_pts_us, end_at,
  end_reason, data, first_run_id, last_run_id)
SELECT $1::uuid, u.epoch_id, $2, u.config_hash, u.key, u.name, 'closed', u.start_pts_us,
  timestamptz 'epoch' + u.start_at_us * interval '1 microsecond',
  u.end_pts_us, timestamptz 'epoch' + u.end_at_us * interval '1 microsecond', u.end_reason, u.data, u.first_run_id, u.last_run_id
FROM jsonb_to_recordset($3::jsonb) AS u(epoch_id uuid, config_hash text, key text, name text, start_pts_us bigint, start_at_us bigint,
  end_pts_us bigint,
  end_at_us bigint, end_reason text, data jsonb, first_run_id bigint, last_run_id bigint)
ON CONFLICT (epoch_id, analyzer_id, config_hash, key) DO NOTHING
RETURNING id`;

/** {@link RuleEvents} in PostgreSQL. */
@Injectable()
export class PgRuleEvents extends RuleEvents {
  constructor(private readonly database: Database) {
    super();
  }

  replace({ rule, spans, events, runIds, by, detail }: RuleReplacement): Promise<{ removed: number; stored: number; keptOpen: number }> {
    const keys = `rule:${rule.id}:%`;
    const places = spans.map((span) => ({
      epoch_id: span.epochId,
      from_pts_us: Math.ceil(span.fromPtsUs),
      to_pts_us: Math.ceil(span.toPtsUs),
    }));
    const goingOn = events.filter(({ state }) => state === 'open').map(({ key }) => key);
    return this.database.transaction(async (manager) => {
      const query = queryOf(manager);
      // One replacement of a rule at a time: two over the same range would add up.
      await query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [keys]);
      const [current] = await query<{ revision: number }>('SELECT revision FROM rules WHERE id = $1 AND deleted_at IS NULL FOR SHARE', [
        rule.id,
      ]);
      if (current?.revision !== rule.revision)
        throw ruleError('VD_RULE_CHANGED', `Rule ${rule.name} was judged as of revision ${rule.revision}`);
      const open = await query<{ subject: string }>(
        `SELECT epoch_id || ' ' || COALESCE(data->>'trackId', '') AS subject FROM events WHERE stream_id = $1 AND key LIKE $2
          AND state = 'open'`,
        [rule.streamId, keys],
      );
      const removed = await query<unknown>(REMOVE, [
        rule.streamId,
        keys,
        JSON.stringify(places),
        goingOn,
        runIds,
        ...wallClock(spans),
      ]).then(affected);
      const isOpen = new Set(open.map(({ subject }) => subject));
      const kept = events.filter(
        (event) =>
          event.state === 'closed' && !(reachesNow(event) && isOpen.has(`${event.epochId} ${String(event.data['trackId'] ?? '')}`)),
      );
      const stored = await query<unknown>(STORE, [rule.streamId, rule.analyzerId, JSON.stringify(kept.map(eventRow))]).then(affected);
      await recordIn(manager, { by, action: 'rule.apply', target: rule.id, detail: { ...detail, removed, stored } });
      return { removed, stored, keptOpen: open.length };
    });
  }
}

/** Cut off by the end of what was judged: where its object is still open live, that event tells it already. */
const reachesNow = (event: JudgedEvent): boolean => event.endReason === 'range-ended';

function wallClock(spans: RuleReplacement['spans']): [from: Date, to: Date] {
  const ends = spans.flatMap(({ zeroAtUs, fromPtsUs, toPtsUs }) => [
    (zeroAtUs + fromPtsUs) / 1_000 - CLOCK_SLACK_MS,
    (zeroAtUs + toPtsUs) / 1_000 + CLOCK_SLACK_MS,
  ]);
  return ends.length === 0 ? [new Date(0), new Date(0)] : [new Date(Math.min(...ends)), new Date(Math.max(...ends))];
}

/** TypeORM gives a DELETE's rows with their count, and an INSERT's rows alone. */
const affected = (answer: readonly unknown[]): number =>
  Array.isArray(answer[0]) && typeof answer[1] === 'number' ? answer[1] : answer.length;

function eventRow(event: JudgedEvent): Record<string, unknown> {
  return {
    epoch_id: event.epochId,
    config_hash: event.configHash,
    key: event.key,
    name: event.name,
    start_pts_us: event.startPtsUs,
    start_at_us: Math.round(event.startAtUs),
    end_pts_us: event.endPtsUs,
    end_at_us: event.endAtUs === null ? null : Math.round(event.endAtUs),
    end_reason: event.endReason,
    data: event.data,
    first_run_id: event.firstRunId,
    last_run_id: event.lastRunId,
  };
}
