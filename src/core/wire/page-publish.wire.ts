import { z } from 'zod';

/** What is said on the WebSocket `/ws/publish`, by which a web page sends what a MediaRecorder records. Its chunks are binary messages. */

/** Below the server's root. */
export const PAGES_PATH = '/ws/publish';

/** From the page. */
export const pageMessage = z.discriminatedUnion('type', [
  /** First; the recording begins when it is accepted. One connection is one recording, and one epoch. */
  z.strictObject({
    type: z.literal('publish'),
    /** Name or id. */
    stream: z.string().min(1).max(63),
    /** What the recorder was made with: one of those that `GET /api/sources` names for the stream's adapter. */
    mimeType: z.string().regex(/^[\x20-\x7e]{1,100}$/),
    /** The stream's key, of a page that nobody has signed in on. */
    key: z.string().max(256).optional(),
    /** Random, and kept by the page: one that comes back with it takes the place of its lost connection. */
    session: z.uuid().optional(),
    /** Ends whoever else publishes to the stream from a page. */
    takeOver: z.boolean().optional(),
  }),
  /** Nothing more comes: what was sent is kept, and then `ended` is answered. */
  z.strictObject({ type: z.literal('end') }),
]);
export type PageMessage = z.output<typeof pageMessage>;

export const pageProblem = z.object({
  code: z.string(),
  message: z.string(),
  fix: z.string(),
  /** Whether the same may work later. */
  retryable: z.boolean(),
});
export type PageProblem = z.output<typeof pageProblem>;

const figures = {
  bytes: z.number().int().describe('Received of the recording'),
  videoFrames: z.number().int().optional().describe('Taken in; absent where the pictures are encoded anew'),
  audioFrames: z.number().int().optional(),
};

/** To the page. */
export const pageAnswer = z.discriminatedUnion('type', [
  z.object({ type: z.literal('accepted'), maxMessageBytes: z.number().int() }),
  z.object({ type: z.literal('live'), epochId: z.uuid() }),
  /** Once a second. */
  z.object({ type: z.literal('progress'), ...figures }),
  /** Last, before the connection is closed. `problem` is absent where the page itself, or an operator, ended it. */
  z.object({
    type: z.literal('ended'),
    reason: z.string(),
    bytes: figures.bytes.optional(),
    videoFrames: figures.videoFrames,
    audioFrames: figures.audioFrames,
    problem: pageProblem.optional(),
  }),
  /** In place of `accepted`; the connection is closed. */
  z.object({ type: z.literal('refused'), problem: pageProblem }),
]);
export type PageAnswer = z.output<typeof pageAnswer>;
