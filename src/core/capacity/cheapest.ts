import { CHANGE_ORDER, type Change } from './change.js';
import { changesFrom } from './changes.js';
import type { CapacityFacts } from './facts.js';
import { loadOf } from './load.js';
import type { Plan } from './plan.js';

export interface Combination {
  readonly steps: readonly Change[];
  readonly plan: Plan;
  /** Whether there is room for peaks after it. */
  readonly fits: boolean;
}

const MAX_STEPS = 30;
/** Less than this is rounding. */
const LEAST_GAIN = 1e-9;

/**
 * Step by step the least disruptive kind of change that helps at all, of that kind the one that helps most, until it fits. Then each
 * step is tried without: what a later one made needless is left out, the most disruptive first.
 * @param isAllowed of what kinds it may be made
 * @returns null where the work fits without a change
 */
export function cheapestCombination(
  start: Plan,
  facts: CapacityFacts,
  isAllowed: (change: Change) => boolean = () => true,
): Combination | null {
  if (excessOf(start) <= LEAST_GAIN) return null;
  const steps: Change[] = [];
  let plan = start;
  while (excessOf(plan) > LEAST_GAIN && steps.length < MAX_STEPS) {
    const step = nextStep(plan, changesFrom(plan, facts).filter(isAllowed));
    if (step === undefined) break;
    steps.push(step);
    plan = step.apply(plan);
  }
  const fits = excessOf(plan) <= LEAST_GAIN;
  const needed = fits ? pruned(start, steps) : steps;
  return { steps: needed, plan: applied(start, needed), fits };
}

function nextStep(plan: Plan, changes: readonly Change[]): Change | undefined {
  const before = excessOf(plan);
  const candidates = changes
    .filter(({ gain }) => gain !== 'unknown')
    .map((change) => ({ change, excess: excessOf(change.apply(plan)) }))
    .filter(({ excess }) => before - excess > LEAST_GAIN)
    .sort((a, b) => order(a.change) - order(b.change) || a.excess - b.excess || (a.change.moneyPerDay ?? 0) - (b.change.moneyPerDay ?? 0));
  return candidates[0]?.change;
}

/** A step on which a later one of its kind and analyzer builds cannot be left out before that one. */
function pruned(start: Plan, steps: readonly Change[]): readonly Change[] {
  let needed = steps;
  for (const step of steps.toReversed().sort((a, b) => order(b) - order(a))) {
    const isBuiltOn = needed.slice(needed.indexOf(step) + 1).some(({ kind, subject }) => kind === step.kind && subject === step.subject);
    const without = needed.filter((one) => one !== step);
    if (!isBuiltOn && excessOf(applied(start, without)) <= LEAST_GAIN) needed = without;
  }
  return needed;
}

const applied = (start: Plan, steps: readonly Change[]): Plan => steps.reduce((plan, step) => step.apply(plan), start);
const excessOf = (plan: Plan): number => loadOf(plan).excess;
export const order = ({ kind }: Change): number => CHANGE_ORDER.indexOf(kind);
