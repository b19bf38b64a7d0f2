import { randomUUID } from 'node:crypto';
import { ruleError } from '../../errors/rule.errors.js';
import { type Rule, RULES_PER_STREAM } from '../../rules/rule.js';
import { type RuleDraft, RuleStore, type StoredRule } from '../../rules/rule-store.js';
import { HeardMemory } from '../notify/notified-cache.js';
import { isConnectionLoss, type LedgerSql, type Statement, sqlState } from '../sql.js';
import { draftValues, RULE_COLUMNS, type RuleRow, storedRule } from './rule-rows.js';

/** NOTIFY channel; the payload is the stream whose rules changed. */
export const RULES_CHANNEL = 'vedette_rules';

const CHANGED = `, rung AS MATERIALIZED (SELECT pg_notify('${RULES_CHANNEL}', stream_id::text) FROM changed) SELECT changed.* FROM changed, rung`;
const LIST = { name: 'rules', text: `SELECT ${RULE_COLUMNS} FROM rules WHERE stream_id = $1 AND deleted_at IS NULL ORDER BY lower(name)` };
const GET = { name: 'rule', text: `SELECT ${RULE_COLUMNS} FROM rules WHERE stream_id = $1 AND id = $2 AND deleted_at IS NULL` };
const CREATE = {
  name: 'rule_create',
  text: `WITH changed AS (
    INSERT INTO rules (stream_id, id, name, enabled, analyzer_id, labels, min_score, kind, points, params)
    SELECT $1::uuid, $2::uuid, $3, $4::boolean, $5, $6::text[], $7::float8, $8, $9::jsonb, $10::jsonb
    WHERE (SELECT count(*) FROM rules WHERE stream_id = $1 AND deleted_at IS NULL) < ${RULES_PER_STREAM}
    RETURNING ${RULE_COLUMNS})${CHANGED}`,
};
const UPDATE = {
  name: 'rule_update',
  text: `WITH changed AS (
    UPDATE rules SET name = $3, enabled = $4, analyzer_id = $5, labels = $6, min_score = $7, kind = $8, points = $9, params = $10, updated_at = now(),
      revision = revision + ((enabled, analyzer_id, labels, min_score, kind, points, params)
        IS DISTINCT FROM ($4::boolean, $5::text, $6::text[], $7::float8, $8::text, $9::jsonb, $10::jsonb))::int
    WHERE stream_id = $1 AND id = $2 AND deleted_at IS NULL RETURNING ${RULE_COLUMNS})${CHANGED}`,
};
const REMOVE = {
  name: 'rule_remove',
  text: `WITH changed AS (
    UPDATE rules SET deleted_at = now(), enabled = false WHERE stream_id = $1 AND id = $2 AND deleted_at IS NULL RETURNING ${RULE_COLUMNS})${CHANGED}`,
};

/** {@link RuleStore} in PostgreSQL. Rules in force are served from memory for as long as changes are heard of. */
export class PgRuleStore extends RuleStore {
  private readonly enabled: HeardMemory<readonly Rule[]>;

  constructor(
    private readonly sql: LedgerSql,
    databaseUrl: string,
  ) {
    super();
    this.enabled = new HeardMemory({ databaseUrl, channel: RULES_CHANNEL, ask: (streamId) => this.listEnabled(streamId) });
  }

  async list(streamId: string): Promise<StoredRule[]> {
    return (await this.sql.rows<RuleRow>(LIST, [streamId])).map(storedRule);
  }

  get(streamId: string, ruleId: string): Promise<StoredRule | null> {
    return this.one(GET, [streamId, ruleId]);
  }

  async create(streamId: string, draft: RuleDraft): Promise<StoredRule> {
    const made = await this.one(CREATE, [streamId, randomUUID(), ...draftValues(draft)]);
    if (made === null) throw ruleError('VD_RULE_TOO_MANY', `Stream ${streamId} has ${RULES_PER_STREAM} rules already`);
    return made;
  }

  update(streamId: string, ruleId: string, draft: RuleDraft): Promise<StoredRule | null> {
    return this.one(UPDATE, [streamId, ruleId, ...draftValues(draft)]);
  }

  async remove(streamId: string, ruleId: string): Promise<boolean> {
    return (await this.one(REMOVE, [streamId, ruleId])) !== null;
  }

  /** While the database is away, what was known last: no result is committed meanwhile either. */
  async inForce(streamId: string, isDoubted = false): Promise<readonly Rule[]> {
    return this.enabled.get(streamId, isDoubted).catch((error: unknown) => {
      throw isConnectionLoss(error)
        ? ruleError('VD_RULE_FAILED', 'The rules cannot be read while the database is away', { cause: error })
        : error;
    });
  }

  async close(): Promise<void> {
    await this.enabled.close();
  }

  private async listEnabled(streamId: string): Promise<readonly Rule[]> {
    return (await this.list(streamId)).map(({ rule }) => rule).filter(({ enabled }) => enabled);
  }

  private async one(statement: Statement, values: readonly unknown[]): Promise<StoredRule | null> {
    try {
      const [row] = await this.sql.rows<RuleRow>(statement, values);
      return row === undefined ? null : storedRule(row);
    } catch (error) {
      if (sqlState(error) === '23505')
        throw ruleError('VD_RULE_NAME_TAKEN', `There is a rule "${String(values[2])}" on this stream already`, { cause: error });
      throw error;
    }
  }
}
