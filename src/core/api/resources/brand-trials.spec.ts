import { describe, expect, it } from 'vitest';
import { BrandTrials } from './brand-trials.js';

describe(BrandTrials.name, () => {
  it('says so where nothing looks for brands, before anything is read', async () => {
    const unasked = new Proxy({}, { get: () => () => Promise.reject(new Error('Nobody asked')) });
    const trials = new BrandTrials({ analyzers: [] } as never, unasked as never, unasked as never);
    await expect(trials.run({} as never, {} as never, { streamId: 'a' } as never)).rejects.toMatchObject({
      code: 'VD_BRAND_TRY_NO_ANALYZER',
    });
  });
});
