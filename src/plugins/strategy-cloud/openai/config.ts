import { secretSource, z } from 'vedette/plugin';
import { amount, commonSettings } from '../settings.js';

export const OPENAI_TASKS = ['logo', 'object', 'label', 'text'] as const;

export const openaiConfig = z.strictObject({
  ...commonSettings,
  /** Up to and with /v1: OpenAI's own, http://localhost:11434/v1 for Ollama, https://gpu.example.com/v1 for vLLM. */
  endpoint: z.url({ protocol: /^https?$/ }).default('https://api.openai.com/v1'),
  /** Absent where the server wants none. */
  apiKey: secretSource.optional(),
  /** A model that sees pictures. */
  model: z.string().min(1).max(200).optional(),
  /** Tasks it is asked for. */
  tasks: z
    .array(z.enum(OPENAI_TASKS))
    .min(1)
    .default([...OPENAI_TASKS]),
  /** Pictures in one request; many models of one's own see one at a time. */
  picturesPerRequest: z.number().int().min(1).max(16).default(1),
  /** How closely it looks, where the server knows of that. */
  detail: z.enum(['low', 'high', 'auto']).default('auto'),
  /** An answer is cut here; it is paid for all the same. */
  maxOutputTokens: z.number().int().min(64).max(16_384).default(1500),
  /** Name of that limit on the wire. Absent: `max_completion_tokens` for OpenAI itself, `max_tokens` for others. */
  maxTokensField: z.enum(['max_tokens', 'max_completion_tokens']).optional(),
  /** Left out unless set: some models refuse it. */
  temperature: z.number().min(0).max(2).optional(),
  /**
   * How the form of answers is held: by a JSON schema, as any JSON, or by asking for it. `auto` takes the strictest that the server
   * accepts.
   */
  output: z.enum(['auto', 'json_schema', 'json_object', 'text']).default('auto'),
  /** Put in place of what is asked for, by task; the rules on the form of the answer stay. */
  prompts: z.strictObject({ logo: prompt(), object: prompt(), label: prompt(), text: prompt() }).prefault({}),
  /** Required for a strategy in use: 0 for a server of your own. */
  prices: z
    .strictObject({
      perMillionInputTokens: amount,
      perMillionOutputTokens: amount,
      /**
       * What a picture counts as at most; models differ widely. Used for what is set aside, and where the server does not say what was
       * used.
       */
      tokensPerPicture: z.number().int().min(1).max(200_000).default(3000),
    })
    .optional(),
});

function prompt() {
  return z.string().min(1).max(4000).optional();
}

export type OpenaiConfig = z.output<typeof openaiConfig>;
export type OpenaiPrices = NonNullable<OpenaiConfig['prices']>;
