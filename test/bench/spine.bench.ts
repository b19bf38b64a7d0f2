import { describe, it } from 'vitest';
import { runP6 } from './p6-latency.js';

describe('bench', () => {
  it('P6', async () => {
    console.log(JSON.stringify(await runP6(), null, 1));
  });
});
