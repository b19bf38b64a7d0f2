import type { OpenAI } from 'openai';
import { type CodedError, errorText, type SampledPicture } from 'vedette/plugin';
import { cloudError } from '../errors.js';
import { explainStatus } from '../explain-status.js';
import type { KnownSecrets } from '../known-secrets.js';
import type { Outbound } from '../outbound.js';
import { base64, batches } from '../picture-batches.js';
import type { AnswerFacts, CloudRequest, Provider, Reply, Want } from '../provider.js';
import { required } from '../settings.js';
import { answerSchema, readAnswer } from './answer-form.js';
import type { OpenaiConfig, OpenaiPrices } from './config.js';
import { systemPrompt } from './prompt.js';

type Completion = OpenAI.Chat.Completions.ChatCompletion;
type Parameters = OpenAI.Chat.Completions.ChatCompletionCreateParamsNonStreaming;
type Form = 'json_schema' | 'json_object' | 'text';

/** From the strictest to the one every server knows. */
const FORMS: readonly Form[] = ['json_schema', 'json_object', 'text'];
const MAX_REQUEST_BYTES = 20_000_000;
const TOKENS_OF_PROMPT = 600;
const TOKENS_PER_LABEL = 8;
const MILLION = 1_000_000;
/** What servers say of a form of answer that they do not know. */
const UNKNOWN_FORM = /response_format|json_schema|json_object|guided|structured output|grammar/i;

/** Any server with OpenAI's chat interface and a model that sees: OpenAI, Ollama, vLLM and others. */
export class OpenaiProvider implements Provider {
  readonly solves: readonly string[];
  readonly host: string;
  private readonly forms: Form[];

  private constructor(
    private readonly config: OpenaiConfig,
    private readonly model: string,
    private readonly prices: OpenaiPrices,
    private readonly client: OpenAI,
    private readonly secrets: KnownSecrets,
  ) {
    this.solves = config.tasks;
    this.host = new URL(config.endpoint).host;
    this.forms = config.output === 'auto' ? [...FORMS] : [config.output];
  }

  /** @throws VD_CLOUD_NOT_CONFIGURED, VD_CONFIG_SECRET_* */
  static async connect(config: OpenaiConfig, secrets: KnownSecrets, outbound: Outbound): Promise<OpenaiProvider> {
    const model = required(config.model, 'cloud-openai', 'model', 'gpt-5-mini');
    const prices = required(config.prices, 'cloud-openai', 'prices', '{ perMillionInputTokens: 0.25, perMillionOutputTokens: 2 }');
    // Servers of one's own want none, and the SDK wants something.
    const apiKey = config.apiKey === undefined ? 'none' : secrets.read(config.apiKey);
    const { OpenAI: Client } = await import('openai');
    // Said in full, so that the environment has no say.
    const client = new Client({
      apiKey,
      adminAPIKey: null,
      organization: null,
      project: null,
      webhookSecret: null,
      baseURL: config.endpoint,
      fetch: outbound.fetch,
      maxRetries: 0,
      // Ours is to come first.
      timeout: config.timeout * 2,
      logLevel: 'off',
    });
    return new OpenaiProvider(config, model, prices, client, secrets);
  }

  requests(wants: readonly Want[], pictures: readonly SampledPicture[]): CloudRequest[] {
    const some = batches(pictures, { maxPictures: this.config.picturesPerRequest, maxBytes: MAX_REQUEST_BYTES });
    return wants.flatMap((want) => some.map((batch) => ({ wants: [want], pictures: batch, price: this.priceOf(want, batch.length) })));
  }

  /** As if each picture went alone: a batch that is too large for one request is divided. */
  price(wants: readonly Want[], pictureCount: number): number {
    return wants.reduce((sum, want) => sum + this.priceOf(want, 1) * pictureCount, 0);
  }

  async ask({ wants: [want], pictures, price }: CloudRequest, signal: AbortSignal): Promise<Reply> {
    const completion = await this.complete(want!, pictures, signal);
    const cost = this.costOf(completion.usage, price);
    const choice = completion.choices?.[0];
    if (choice?.message === undefined) throw cloudError('VD_CLOUD_UNREADABLE', `${this.host} answered without a choice`);
    const refusal = this.refusalIn(choice);
    const replies =
      refusal === undefined
        ? readAnswer(choice.message.content ?? '', want!.task, pictures.length)
        : pictures.map(() => ({ findings: [], refusal }));
    // It was paid for: tried again it would be paid for again, and be no better.
    return {
      pictures: replies ?? pictures.map(() => ({ findings: [], refusal: `${this.model} answered no JSON of the form it was asked for` })),
      cost,
    };
  }

  explain(error: unknown, answer: AnswerFacts): CodedError {
    const words = this.secrets.quote(errorText(error));
    return explainStatus(this.host, answer, words);
  }

  /** In the strictest form that the server takes; what it turned down once is not asked for again. */
  private async complete(want: Want, pictures: readonly SampledPicture[], signal: AbortSignal): Promise<Completion> {
    for (;;) {
      const form = this.forms[0]!;
      try {
        return await this.client.chat.completions.create(this.parameters(want, pictures, form), { signal });
      } catch (error) {
        if (this.forms.length === 1 || !isUnknownForm(error)) throw error;
        // Another request of the job may have found out at the same time.
        if (this.forms[0] === form) this.forms.shift();
      }
    }
  }

  private parameters(want: Want, pictures: readonly SampledPicture[], form: Form): Parameters {
    const { detail, maxOutputTokens, temperature, prompts } = this.config;
    const limit = this.config.maxTokensField ?? (this.host === 'api.openai.com' ? 'max_completion_tokens' : 'max_tokens');
    return {
      model: this.model,
      messages: [
        { role: 'system', content: systemPrompt(want, prompts, form === 'json_schema') },
        {
          role: 'user',
          content: pictures.flatMap((picture, i) => [
            { type: 'text' as const, text: `Picture ${i + 1}:` },
            { type: 'image_url' as const, image_url: { url: `data:image/jpeg;base64,${base64(picture)}`, detail } },
          ]),
        },
      ],
      [limit]: maxOutputTokens,
      temperature,
      ...(form === 'json_schema'
        ? { response_format: { type: form, json_schema: { name: 'findings', strict: true, schema: answerSchema(want) } } }
        : {}),
      ...(form === 'json_object' ? { response_format: { type: form } } : {}),
    };
  }

  private refusalIn({ message, finish_reason: reason }: Completion['choices'][number]): string | undefined {
    if (message.refusal) return `${this.model} refused: ${this.secrets.quote(message.refusal)}`;
    if (reason === 'length') return `the answer of ${this.model} was cut at ${this.config.maxOutputTokens} tokens: raise maxOutputTokens`;
    if (reason === 'content_filter') return `the answer of ${this.model} was held back by a filter`;
    return undefined;
  }

  private priceOf({ labels }: Want, pictureCount: number): number {
    const { tokensPerPicture } = this.prices;
    return this.costOfTokens(
      TOKENS_OF_PROMPT + labels.length * TOKENS_PER_LABEL + pictureCount * tokensPerPicture,
      this.config.maxOutputTokens,
    );
  }

  private costOf(usage: Completion['usage'], price: number): number {
    const { prompt_tokens: input, completion_tokens: output } = usage ?? {};
    return isCount(input) && isCount(output) ? this.costOfTokens(input, output) : price;
  }

  private costOfTokens(input: number, output: number): number {
    return (input * this.prices.perMillionInputTokens + output * this.prices.perMillionOutputTokens) / MILLION;
  }
}

const isCount = (tokens: unknown): tokens is number => typeof tokens === 'number' && Number.isFinite(tokens) && tokens >= 0;

function isUnknownForm(error: unknown): boolean {
  const { status, message = '', param } = error as { status?: number; message?: string; param?: string | null };
  return status !== undefined && [400, 404, 415, 422, 500, 501].includes(status) && UNKNOWN_FORM.test(`${message} ${param ?? ''}`);
}
