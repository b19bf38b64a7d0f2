import type { INestApplicationContext } from '@nestjs/common';
import { RunLedger } from '../../../src/core/persistence/ledger/run-ledger.js';

type Method = 'enter' | 'advance' | 'leave' | 'renew' | 'settle';
const METHODS: readonly Method[] = ['enter', 'advance', 'leave', 'renew', 'settle'];

/**
 * A worker's way to the ledger that can end as with its process: from then on nothing it does arrives there, and it holds what it
 * held. What else the process does (acknowledging jobs whose work is lost) it may go on doing: that only makes it worse.
 */
export class MortalLedger {
  private dead = false;
  /** Runs whose results came to the ledger and were refused by it. */
  refused = 0;

  private constructor(private readonly ledger: RunLedger) {}

  static of(worker: INestApplicationContext): MortalLedger {
    const ledger = worker.get(RunLedger, { strict: false });
    const mortal = new MortalLedger(ledger);
    for (const method of METHODS) {
      const real = ledger[method].bind(ledger) as (...values: unknown[]) => Promise<unknown>;
      ledger[method] = (async (...values: unknown[]) => {
        mortal.mustLive();
        const answer = await real(...values);
        mortal.mustLive();
        if (method === 'settle') mortal.refused += (values[2] as unknown[]).length - (answer as Set<string>).size;
        return answer;
      }) as never;
    }
    return mortal;
  }

  /** From here on, whatever is under way. */
  kill(): void {
    this.dead = true;
  }

  /** At the next answer to `method`: it was done, and the process did not come to learn of it. */
  killAfter(method: Method, when: () => boolean = () => true): void {
    const real = this.ledger[method].bind(this.ledger) as (...values: unknown[]) => Promise<unknown>;
    this.ledger[method] = (async (...values: unknown[]) => {
      const answer = await real(...values);
      if (when()) this.kill();
      this.mustLive();
      return answer;
    }) as never;
  }

  private mustLive(): void {
    if (this.dead) throw new Error('This worker is dead');
  }
}
