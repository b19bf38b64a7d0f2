import { Injectable } from '@nestjs/common';
import { ruleError } from '../../errors/rule.errors.js';
import { ModelFacts } from '../../models/model-facts.js';
import { closest } from '../../plugin-api/index.js';
import { PluginRegistry } from '../../plugin-host/plugin-registry.js';

const LISTED = 20;

/** Whether what a rule looks for can ever be seen. */
@Injectable()
export class RuleLabels {
  constructor(
    private readonly registry: PluginRegistry,
    private readonly models: ModelFacts,
  ) {}

  /**
   * @param labels that are asked for; none: all
   * @throws VD_RULE_ANALYZER_UNKNOWN, VD_RULE_LABEL_UNKNOWN with the nearest names, where the analyzer knows its labels beforehand
   */
  async mustExist(analyzerId: string, labels: readonly string[]): Promise<void> {
    const ids = this.registry.analyzers.map(({ definition }) => definition.id);
    const analyzer = this.registry.analyzers.find(({ definition }) => definition.id === analyzerId);
    if (analyzer === undefined) {
      const near = closest(analyzerId, ids);
      const hint = near === undefined ? '' : ` (did you mean ${near}?)`;
      throw ruleError('VD_RULE_ANALYZER_UNKNOWN', `No analyzer has the id ${analyzerId}${hint}; there are: ${ids.join(', ') || 'none'}`);
    }
    if (labels.length === 0) return;
    const known = await analyzer.definition.labels?.(analyzer.config, this.models);
    if (known === undefined) return;
    const unknown = labels.filter((label) => !known.includes(label));
    if (unknown.length === 0) return;
    const said = unknown.map((label) => {
      const near = closest(label, known);
      return near === undefined ? JSON.stringify(label) : `${JSON.stringify(label)} (did you mean ${JSON.stringify(near)}?)`;
    });
    const others = known.length > LISTED ? ', …' : '';
    throw ruleError(
      'VD_RULE_LABEL_UNKNOWN',
      `${analyzerId} never reports ${said.join(', ')}; it knows ${known.slice(0, LISTED).join(', ')}${others}`,
    );
  }
}
