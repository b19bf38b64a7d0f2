import { describe, expect, it } from 'vitest';
import { CodedError, secretSource, z } from '../plugin-api/index.js';
import { parseContributionConfig } from './contribution-config.js';

const schema = z.strictObject({ endpoint: z.string(), auth: z.strictObject({ apiKey: secretSource.optional().describe('Key') }) });
const refusal = async (written: Record<string, unknown>): Promise<CodedError> =>
  (await parseContributionConfig('strategies.x', schema, written).then(
    () => undefined,
    (error: unknown) => error,
  )) as CodedError;

describe(parseContributionConfig.name, () => {
  it.each(['sk-written-here', { env: 'sk-written-here' }, { key: 'sk-written-here' }])(
    'refuses a secret in the config, %j, and does not repeat it',
    async (apiKey) => {
      const error = await refusal({ endpoint: 'x', auth: { apiKey } });
      expect(error).toMatchObject({ code: 'VD_PLUGIN_CONFIG_INVALID', message: expect.stringMatching(/auth\.apiKey/) as string });
      expect(error.message).not.toContain('sk-written-here');
    },
  );

  it('says what else was wrong with the value itself', async () => {
    expect((await refusal({ endpoint: 7, auth: {} })).message).toBe('strategies.x: endpoint: expected a string, got 7');
  });
});
