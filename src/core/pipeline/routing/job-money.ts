import { Injectable } from '@nestjs/common';
import { ThrottledWarnings } from '../../observability/throttled-warnings.js';
import { analyzerSubject, type SetAside, Spending, strategySubject } from '../../persistence/places/spending.js';
import type { RegisteredAnalyzer } from '../../plugin-host/plugin-registry.js';
import type { StrategyPlace } from './strategy-directory.js';

/** The money of one job, held until it is known what the job did cost. */
export interface HeldMoney {
  /** @param cost what was spent, at most what is held */
  settle(cost: number): Promise<void>;
}

const NO_MONEY: HeldMoney = { settle: () => Promise.resolve() };

/** Sets money aside for jobs: the strategy pays all of it, its analyzers even shares. */
@Injectable()
export class JobMoney {
  constructor(
    private readonly spending: Spending,
    private readonly warnings: ThrottledWarnings,
  ) {}

  /**
   * @param cost the most the job can cost
   * @returns the subject whose budget does not allow it
   * @throws when the database cannot be asked: nothing is spent then
   */
  async hold(
    place: StrategyPlace,
    analyzers: readonly RegisteredAnalyzer[],
    cost: number,
  ): Promise<HeldMoney | { readonly refused: string }> {
    if (!(cost > 0)) return NO_MONEY;
    const share = cost / analyzers.length;
    const held = await this.spending.setAside([
      { subject: strategySubject(place.id), amount: cost, budget: place.budget },
      ...analyzers.map(({ definition, placement }) => ({
        subject: analyzerSubject(definition.id),
        amount: share,
        budget: placement.execution.budget,
      })),
    ]);
    if ('refused' in held) return held;
    return { settle: (spent) => this.giveBack(held, 1 - Math.min(1, Math.max(0, spent / cost))) };
  }

  /** What cannot be given back counts as spent: a budget errs on the side of the operator's purse. */
  private async giveBack(held: SetAside, share: number): Promise<void> {
    try {
      await this.spending.giveBack(held, share);
    } catch (error) {
      this.warnings.warn('Giving back what was set aside', error);
    }
  }
}
