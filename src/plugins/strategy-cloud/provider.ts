import { type CodedError, type SampledPicture } from 'vedette/plugin';

/** What a job wants to know of its pictures. */
export interface Want {
  /** 'logo', 'object', 'label', 'text' … */
  readonly task: string;
  /** What may be answered; empty: anything. */
  readonly labels: readonly string[];
}

/** A place in the picture as a provider gave it, 0..1 of its sides; it may be nonsense. */
export interface FoundBox {
  readonly x: unknown;
  readonly y: unknown;
  readonly width: unknown;
  readonly height: unknown;
}

/** One thing a provider says of one picture, as it came: nothing in it is trusted before `results.ts` has looked at it. */
export interface Finding {
  readonly task: string;
  readonly kind: 'detection' | 'classification' | 'text' | 'metric';
  /** The label, the text, or the metric's name. */
  readonly name: unknown;
  /** Absent where the provider gives none, which only texts may lack. */
  readonly score?: unknown;
  readonly box?: FoundBox | undefined;
  /** Metrics only. */
  readonly value?: unknown;
  readonly unit?: unknown;
}

/** What came back for one picture. */
export interface PictureReply {
  readonly findings: readonly Finding[];
  /** Why there is no answer for it, in the provider's words. */
  readonly refusal?: string;
}

export interface Reply {
  /** In the order of the request's pictures. */
  readonly pictures: readonly PictureReply[];
  readonly cost: number;
}

/** One request to the provider. */
export interface CloudRequest {
  readonly wants: readonly Want[];
  readonly pictures: readonly SampledPicture[];
  /** What it costs at most, sent once. */
  readonly price: number;
}

/** The last answer of an exchange that failed, as far as there was one. */
export interface AnswerFacts {
  readonly status?: number;
  readonly body: string;
}

/**
 * The seam to a provider: pictures in, findings and cost out. Time-outs, retries, limits on answers, redirects and the list of hosts
 * are not its business; it sends through the `Outbound` it was made with, and nothing else.
 */
export interface Provider {
  /** Tasks it can do as it is configured. */
  readonly solves: readonly string[];
  /** Where it sends to, for a person. */
  readonly host: string;
  /** Divides a job into requests within the provider's limits. */
  requests(wants: readonly Want[], pictures: readonly SampledPicture[]): readonly CloudRequest[];
  /** What as many pictures cost at most, each sent once. */
  price(wants: readonly Want[], pictureCount: number): number;
  /** Sends one request once. Whatever it throws is given to `explain`. */
  ask(request: CloudRequest, signal: AbortSignal): Promise<Reply>;
  /** Puts a failure into one of the plugin's errors. */
  explain(error: unknown, answer: AnswerFacts): CodedError;
  close?(): void;
}
