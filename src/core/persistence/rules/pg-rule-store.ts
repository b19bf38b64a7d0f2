import { Inject, Injectable } from '@nestjs/common';
import { DATABASE_URL } from '../database-url.js';
import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { type EntityManager, IsNull } from 'typeorm';
import { ruleError } from '../../errors/rule.errors.js';
import { type Rule, RULES_PER_STREAM } from '../../rules/rule.js';
import { type RuleDraft, RuleStore, type StoredRule } from '../../rules/rule-store.js';
import { RuleEntity } from '../entities/rule.entity.js';
import { HeardMemory } from '../notify/notified-cache.js';
import { Database } from '../database.js';
import { isConnectionLoss, sqlState } from '../sql-errors.js';
import { draftColumns, storedRule } from './rule-rows.js';
import { notify } from '../notify/notify.js';

/** NOTIFY channel; the payload is the stream whose rules changed. */
export const RULES_CHANNEL = 'vedette_rules';

/** {@link RuleStore} in PostgreSQL. Rules in force are served from memory while every change is notified. */
@Injectable()
export class PgRuleStore extends RuleStore {
  private readonly enabled: HeardMemory<readonly Rule[]>;

  constructor(
    private readonly database: Database,
    @Inject(DATABASE_URL) databaseUrl: string,
  ) {
    super();
    this.enabled = new HeardMemory({ databaseUrl, channel: RULES_CHANNEL, ask: (streamId) => this.listEnabled(streamId) });
  }

  async list(streamId: string): Promise<StoredRule[]> {
    const rules = await this.database.run((manager) =>
      manager.createQueryBuilder(RuleEntity, 'rule').where({ streamId }).orderBy('lower(rule.name)').getMany(),
    );
    return rules.map(storedRule);
  }

  async get(streamId: string, id: string): Promise<StoredRule | null> {
    const rule = await this.database.run((manager) => manager.findOneBy(RuleEntity, { streamId, id }));
    return rule && storedRule(rule);
  }

  async create(streamId: string, draft: RuleDraft): Promise<StoredRule> {
    const id = randomUUID();
    const made = await this.change(streamId, id, draft, async (manager) => {
      const known = await manager.countBy(RuleEntity, { streamId });
      if (known >= RULES_PER_STREAM) throw ruleError('VD_RULE_TOO_MANY', `Stream ${streamId} has ${RULES_PER_STREAM} rules already`);
      await manager.insert(RuleEntity, { id, streamId, ...draftColumns(draft) });
    });
    return made as StoredRule;
  }

  /** A new revision begins where the rule finds something else by the change; its name may change without one. */
  update(streamId: string, id: string, draft: RuleDraft): Promise<StoredRule | null> {
    return this.change(streamId, id, draft, async (manager, before) => {
      if (before === null) return;
      const { name, ...finds } = draftColumns(draft);
      const isSame = Object.entries(finds).every(([key, value]) => isDeepStrictEqual(before[key as keyof RuleEntity], value));
      await manager.update(RuleEntity, { id }, { name, ...finds, revision: before.revision + (isSame ? 0 : 1) });
    });
  }

  async remove(streamId: string, id: string): Promise<boolean> {
    return this.database.transaction(async (manager) => {
      const removal = { deletedAt: () => 'now()', enabled: false };
      const { affected } = await manager.update(RuleEntity, { streamId, id, deletedAt: IsNull() }, removal);
      if (affected === 0) return false;
      await notify(manager, RULES_CHANNEL, streamId);
      return true;
    });
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

  /** Changes a rule and rings for it, both or neither. @returns the rule as it is then; null where there is none */
  private async change(
    streamId: string,
    id: string,
    draft: RuleDraft,
    work: (manager: EntityManager, before: RuleEntity | null) => Promise<void>,
  ): Promise<StoredRule | null> {
    try {
      return await this.database.transaction(async (manager) => {
        await work(manager, await manager.findOne(RuleEntity, { where: { streamId, id }, lock: { mode: 'pessimistic_write' } }));
        const rule = await manager.findOneBy(RuleEntity, { streamId, id });
        if (rule === null) return null;
        await notify(manager, RULES_CHANNEL, streamId);
        return storedRule(rule);
      });
    } catch (error) {
      if (sqlState(error) !== '23505') throw error;
      throw ruleError('VD_RULE_NAME_TAKEN', `There is a rule "${draft.name}" on this stream already`, { cause: error });
    }
  }
}
