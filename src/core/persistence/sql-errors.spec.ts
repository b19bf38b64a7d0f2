import { describe, expect, it } from 'vitest';
import { isConnectionLoss } from './sql-errors.js';

const coded = (code: string): Error => Object.assign(new Error('as the driver says it'), { code });

describe(isConnectionLoss.name, () => {
  it.each([
    ['a torn network', coded('ETIMEDOUT')],
    ['a network without a way there', coded('EHOSTUNREACH')],
    ['a name service that is away', coded('EAI_AGAIN')],
    ['a server that shuts down', coded('57P01')],
    ['a server that ended an abandoned transaction', coded('25P03')],
    ['a server with no connection left', coded('53300')],
    ['a connection that was not made in time', new Error('timeout expired')],
    ['a pool whose connections are all taken', new Error('timeout exceeded when trying to connect')],
    ['a connection that broke', new Error('Connection terminated unexpectedly')],
  ])('takes %s for one', (_, error) => expect(isConnectionLoss(error)).toBe(true));

  it.each([
    ['a statement that took too long', coded('57014')],
    ['a duplicate', coded('23505')],
    ['no error', { code: 'ETIMEDOUT' }],
  ])('takes %s for none', (_, error) => expect(isConnectionLoss(error)).toBe(false));
});
