import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ledgerDataSourceOptions } from '../../src/core/persistence/data-source.js';
import { PgSpending, type Payment, type SetAside } from '../../src/core/persistence/places/spending.js';
import { Database } from '../../src/core/persistence/database.js';
import { createTestDatabase, type TestDatabase } from '../support/postgres.js';

describe(PgSpending.name, () => {
  let database: TestDatabase;
  const sources: DataSource[] = [];
  const open = async (): Promise<PgSpending> => {
    const source = await new DataSource(ledgerDataSourceOptions({ databaseUrl: database.url, poolSize: 8 })).initialize();
    sources.push(source);
    return new PgSpending(new Database(source));
  };
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(async () => {
    await Promise.all(sources.map((source) => source.destroy()));
    await database.drop();
  });

  const spentOf = async (spending: PgSpending, subject: string): Promise<number> =>
    (await spending.spent()).find((spent) => spent.subject === subject)?.today ?? 0;

  it('cannot be overrun, however many workers ask at once', async () => {
    const workers = await Promise.all([open(), open(), open()]);
    const payments: Payment[] = [
      { subject: 'strategy:cloud', amount: 0.1, budget: { perDay: 1, perMonth: 30 } },
      { subject: 'analyzer:a', amount: 0.1 },
    ];
    const answers = await Promise.all(
      Array.from({ length: 90 }, (_, i) => workers[i % 3]!.setAside(i % 2 === 0 ? payments : payments.toReversed())),
    );
    expect(answers.filter((answer) => !('refused' in answer))).toHaveLength(10);
    expect(answers.find((answer) => 'refused' in answer)).toEqual({ refused: 'strategy:cloud' });
    expect(await spentOf(workers[0]!, 'strategy:cloud')).toBeCloseTo(1, 9);
    expect(await spentOf(workers[0]!, 'analyzer:a')).toBeCloseTo(1, 9);
  });

  it('takes from all purses or none', async () => {
    const spending = await open();
    const rich: Payment = { subject: 'strategy:rich', amount: 5 };
    expect(await spending.setAside([rich, { subject: 'analyzer:poor', amount: 5, budget: { perMonth: 4 } }])).toEqual({
      refused: 'analyzer:poor',
    });
    expect(await spentOf(spending, 'strategy:rich')).toBe(0);
  });

  it('gives back what was not spent, to the day it was taken from, so that it can be spent again', async () => {
    const spending = await open();
    const payments: Payment[] = [{ subject: 'strategy:back', amount: 4, budget: { perDay: 4 } }];
    const held = (await spending.setAside(payments)) as SetAside;
    expect(await spending.setAside(payments)).toEqual({ refused: 'strategy:back' });
    await spending.giveBack(held, 0.75);
    expect(await spentOf(spending, 'strategy:back')).toBe(1);
    expect(await spending.setAside([{ ...payments[0]!, amount: 3 }])).not.toHaveProperty('refused');
    await spending.giveBack({ ...held, periods: ['2000-01-01', '2000-01'] }, 1);
    expect(await spentOf(spending, 'strategy:back')).toBe(4);
  });

  it('never blocks itself: taking and giving back cross each other', async () => {
    const workers = await Promise.all([open(), open()]);
    const payments: Payment[] = ['strategy:x', 'analyzer:b', 'analyzer:c'].map((subject) => ({ subject, amount: 1 }));
    await Promise.all(
      Array.from({ length: 60 }, async (_, i) => {
        const held = await workers[i % 2]!.setAside(i % 3 === 0 ? payments.toReversed() : payments);
        if (!('refused' in held)) await workers[(i + 1) % 2]!.giveBack(held, 1);
      }),
    );
    expect(await spentOf(workers[0]!, 'strategy:x')).toBe(0);
  });
});
