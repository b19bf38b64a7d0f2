import { Injectable } from '@nestjs/common';
import type { Budget } from '../../plugin-api/index.js';
import { Database } from '../database.js';

/** What one subject is to pay, and what it may spend. */
export interface Payment {
  /** `strategy:<id>` or `analyzer:<id>`. */
  readonly subject: string;
  readonly amount: number;
  readonly budget?: Budget;
}

/** Money that was set aside, to be given back as far as it was not spent. */
export interface SetAside {
  readonly payments: readonly Payment[];
  /** The day and the month it was taken from. */
  readonly periods: readonly [day: string, month: string];
}

/** Who pays. */
export const strategySubject = (id: string): string => `strategy:${id}`;
export const analyzerSubject = (id: string): string => `analyzer:${id}`;

export interface Spent {
  readonly subject: string;
  readonly today: number;
  readonly thisMonth: number;
}

/** Money is set aside before a job goes and given back after. An abstract class so that it is its own Nest token. */
export abstract class Spending {
  /** All payments or none. @returns the subject whose budget does not allow it */
  abstract setAside(payments: readonly Payment[]): Promise<SetAside | { readonly refused: string }>;
  /** @param share of each payment that was not spent, 0..1 */
  abstract giveBack(held: SetAside, share: number): Promise<void>;
  abstract spent(): Promise<Spent[]>;
}

const PERIODS = `SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day, to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM') AS month`;

/** {@link Spending} in PostgreSQL, whose clock says which day it is. A worker that dies leaves what it set aside as spent. */
@Injectable()
export class PgSpending extends Spending {
  constructor(private readonly sql: Database) {
    super();
  }

  async setAside(payments: readonly Payment[]): Promise<SetAside | { readonly refused: string }> {
    const [row] = await this.sql.rows<{ day: string; month: string; refused: string | null }>(
      {
        name: 'spending_set_aside',
        text: `WITH clock AS (${PERIODS}), asked AS (
  SELECT jsonb_agg(jsonb_build_object('subject', p.subject, 'period', v.period, 'amount', p.amount, 'most', v.most)) AS payments
  FROM jsonb_to_recordset($1::jsonb) AS p(subject text, amount float8, per_day float8, per_month float8), clock,
    LATERAL (VALUES (clock.day, p.per_day), (clock.month, p.per_month)) AS v(period, most))
SELECT clock.day, clock.month, set_aside(asked.payments) AS refused FROM clock, asked`,
      },
      [
        JSON.stringify(
          payments.map(({ subject, amount, budget }) => ({
            subject,
            amount,
            per_day: budget?.perDay ?? null,
            per_month: budget?.perMonth ?? null,
          })),
        ),
      ],
    );
    if (row === undefined) throw new Error('spending_set_aside gave no row');
    return row.refused === null ? { payments, periods: [row.day, row.month] } : { refused: row.refused };
  }

  async giveBack({ payments, periods }: SetAside, share: number): Promise<void> {
    if (share <= 0) return;
    await this.sql.rows(
      {
        name: 'spending_give_back',
        // Locked in the order in which money is set aside.
        text: `WITH given AS MATERIALIZED (
  SELECT s.subject, s.period, p.amount FROM spending s JOIN jsonb_to_recordset($1::jsonb) AS p(subject text, amount float8) USING (subject)
  WHERE s.period = ANY ($2::text[]) ORDER BY s.subject, s.period FOR UPDATE OF s)
UPDATE spending s SET amount = GREATEST(0, s.amount - g.amount) FROM given g WHERE s.subject = g.subject AND s.period = g.period`,
      },
      [JSON.stringify(payments.map(({ subject, amount }) => ({ subject, amount: amount * share }))), periods],
    );
  }

  spent(): Promise<Spent[]> {
    return this.sql.rows<Spent>({
      name: 'spending_now',
      text: `SELECT s.subject, COALESCE(sum(s.amount) FILTER (WHERE s.period = c.day), 0) AS today,
        COALESCE(sum(s.amount) FILTER (WHERE s.period = c.month), 0) AS "thisMonth"
FROM spending s, (${PERIODS}) c WHERE s.period IN (c.day, c.month) GROUP BY s.subject ORDER BY s.subject`,
    });
  }
}
