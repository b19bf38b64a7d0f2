import type { ZodType } from 'zod';
import { closest } from '../plugin-api/closest.js';
import { errorText } from '../plugin-api/index.js';
import { pathText, problemText, valueAt, valueText } from '../config/issue-text.js';
import { configKeys, knownKeys, unknownKeys } from '../config/schema-walk.js';
import { pluginError } from '../errors/plugin.errors.js';
import { within } from '../runtime/within.js';

const PARSE_TIMEOUT_MS = 5_000;

/** What is wrong at one place of a contribution's config. */
export interface ConfigFlaw {
  /** From the config's root. */
  readonly path: readonly PropertyKey[];
  /** Goes on from the path: `expected a number, got "x"`. */
  readonly message: string;
  /** The key itself is not known. */
  readonly isStray?: true;
}

/**
 * Parses a contribution's config by its own schema. Unknown keys are refused even where the schema would drop them: a
 * misspelt option must not be silently ignored.
 * @param place how the config file names it, e.g. `plugins: ./door.ts: analyzers["acme.door.watch"].config`
 * @throws VD_PLUGIN_CONFIG_INVALID
 */
export async function parseContributionConfig(place: string, schema: ZodType, written: Record<string, unknown>): Promise<unknown> {
  const { data, flaws } = await tryContributionConfig(place, schema, written);
  if (flaws === undefined) return data;
  const lines = flaws.map(({ path, message, isStray }) => {
    const at = path.length === 0 ? '' : `${pathText(path)}${isStray === true ? '' : ':'} `;
    return `${place}: ${at}${message}`;
  });
  throw pluginError('VD_PLUGIN_CONFIG_INVALID', lines.join('\n'));
}

/**
 * The same, with what is wrong place by place.
 * @throws VD_PLUGIN_CONFIG_INVALID for a schema that throws, or does not answer
 */
export async function tryContributionConfig(
  place: string,
  schema: ZodType,
  written: Record<string, unknown>,
): Promise<{ readonly data: unknown; readonly flaws?: undefined } | { readonly data?: undefined; readonly flaws: readonly ConfigFlaw[] }> {
  const stray = unknownKeys(schema, written)[0];
  if (stray !== undefined) {
    const near = closest(String(stray.at(-1)), knownKeys(schema, stray.slice(0, -1)));
    return { flaws: [{ path: stray, message: `is not an option${near === undefined ? '' : `; did you mean ${near}?`}`, isStray: true }] };
  }
  const late = () => pluginError('VD_PLUGIN_CONFIG_INVALID', `${place}: its schema did not answer within ${PARSE_TIMEOUT_MS} ms`);
  // A schema that throws instead of refusing is the plugin's fault, yet the place to look is the same.
  const parsed = await within(PARSE_TIMEOUT_MS, schema.safeParseAsync(written), late).catch((cause: unknown) => {
    throw pluginError('VD_PLUGIN_CONFIG_INVALID', `${place}: ${errorText(cause)}`, { cause });
  });
  if (parsed.success) return { data: parsed.data };
  const secrets = configKeys(schema).filter((key) => key.secret);
  const got = (path: readonly PropertyKey[]): string =>
    secrets.some((key) => key.path.every((step, i) => step === path[i])) ? '(a secret)' : valueText(valueAt(written, path));
  return { flaws: parsed.error.issues.map((issue) => ({ path: issue.path, message: problemText(issue, got(issue.path)) })) };
}
