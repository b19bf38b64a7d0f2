import type { StrategyWire } from '../../api/models';
import type { Words } from './words';

type Budget = StrategyWire['budget'];
type Spent = StrategyWire['spent'];

export interface SpendingLine {
  readonly text: string;
  /** Of the budget, 0..1 and beyond; null: there is no budget for that period. */
  readonly share: number | null;
}

/** "1.50 of 2.00 today", and the same of the month; one line, or none, where nothing may be and was spent. */
export function spendingLines(spent: Spent, budget: Budget, words: Words): SpendingLine[] {
  const lines = [
    line(spent.today, budget?.perDay ?? null, 'today', words),
    line(spent.thisMonth, budget?.perMonth ?? null, 'month', words),
  ];
  return lines.some(({ share }) => share !== null) || spent.thisMonth > 0 ? lines : [];
}

/** A budget of nothing is spent from the start. */
const shareOf = (amount: number, most: number): number => (most === 0 ? 1 : amount / most);
const line = (amount: number, most: number | null, period: 'today' | 'month', { t, as }: Words): SpendingLine => ({
  text:
    most === null
      ? t(`spent.${period}`, { amount: as.money(amount) })
      : t(`spent.${period}Of`, { amount: as.money(amount), most: as.money(most) }),
  share: most === null ? null : shareOf(amount, most),
});
