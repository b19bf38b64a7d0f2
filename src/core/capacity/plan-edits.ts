import type { Rate } from './cost-estimate.js';
import type { AnalyzerFacts } from './facts.js';
import type { AnalyzerEdit, Demand, Plan } from './plan.js';

/** The plan with this written for the analyzer, and what that does to each of its demands. */
export function editing(plan: Plan, analyzer: AnalyzerFacts, edit: AnalyzerEdit, change: (one: Demand) => Demand): Plan {
  return {
    ...plan,
    edits: edited(plan, analyzer, edit),
    demands: plan.demands.map((one) => (one.analyzer.id === analyzer.id ? change(one) : one)),
  };
}

/** The decode that an analyzer had a share in stays, as long as another of its lane is there: it is theirs then. */
export function removing(plan: Plan, analyzer: AnalyzerFacts, edit: AnalyzerEdit, isGone: (one: Demand) => boolean): Plan {
  const leaves = (one: Demand): boolean => one.analyzer.id === analyzer.id && isGone(one);
  const leaving = new Map(plan.demands.filter(leaves).map((one) => [one.lane, one]));
  const withDecode = (rate: Rate | null, left: Rate | null): Rate | null => rate && { ...rate, decode: rate.decode + (left?.decode ?? 0) };
  const demands = plan.demands
    .filter((one) => !leaves(one))
    .map((one) => {
      const left = leaving.get(one.lane);
      if (left === undefined) return one;
      leaving.delete(one.lane);
      return { ...one, average: withDecode(one.average, left.average), gatesOpen: withDecode(one.gatesOpen, left.gatesOpen) };
    });
  return { ...plan, edits: edited(plan, analyzer, edit), demands };
}

function edited({ edits }: Plan, { id }: AnalyzerFacts, edit: AnalyzerEdit): ReadonlyMap<string, AnalyzerEdit> {
  const before = edits.get(id) ?? {};
  return new Map(edits).set(id, {
    ...before,
    ...edit,
    ...(edit.config === undefined ? {} : { config: { ...before.config, ...edit.config } }),
  });
}
