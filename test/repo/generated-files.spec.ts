import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { configJsonSchema, configMarkdown } from '../../src/core/config/reference.js';
import { healthMarkdown } from '../../src/core/health/health-reference.js';
import { documentedErrors, errorsMarkdown } from './support/error-codes.js';
import { ROOT } from './support/tree.js';

const reference = (name: string): string => join(ROOT, 'docs/reference', name);

/** `npm run docs:reference` writes them anew. */
describe('generated files are what the sources say', () => {
  it('docs/reference/config.schema.json', () => expect(configJsonSchema()).toMatchFileSnapshot(reference('config.schema.json')));
  it('docs/reference/config.md', () => expect(configMarkdown()).toMatchFileSnapshot(reference('config.md')));
  it('docs/reference/health.md', () => expect(healthMarkdown()).toMatchFileSnapshot(reference('health.md')));
  it('docs/reference/errors.md', async () => expect(errorsMarkdown(await documentedErrors())).toMatchFileSnapshot(reference('errors.md')));
});
