import type { Box01 } from '../../plugin-api/index.js';

/** What the reading process is asked. Bytes come with the question: it opens no file. */
export type ReadRequest =
  | { readonly type: 'image'; readonly bytes: Uint8Array; readonly keepBackground: boolean }
  | ({ readonly type: 'frame-reference'; readonly box: Box01 } & FramePlace)
  | ({ readonly type: 'frame-picture' } & FrameLook & FramePlace)
  | ({ readonly type: 'thumbnail-sheet' } & SheetPlan);

/** How a frame is wanted. */
export interface FrameLook {
  /** At most so wide; absent: as it is. */
  readonly widthPx?: number | undefined;
  /** Absent: JPEG. */
  readonly format?: 'jpeg' | 'png' | undefined;
  /** To be drawn in. */
  readonly boxes?: readonly DrawnBox[] | undefined;
}

export interface DrawnBox {
  /** 0..1 of the frame. */
  readonly box: Box01;
  readonly label: string;
  /** As CSS has it: '#0072b2'. */
  readonly colour: string;
}

/** Small pictures, and where they go: from left to right, row by row. */
export interface SheetPlan {
  readonly columns: number;
  readonly rows: number;
  readonly pictures: readonly { readonly place: number; readonly jpeg: Uint8Array }[];
}

/** A moment in a segment. */
export interface FramePlace {
  /** The segment's file. */
  readonly segment: Uint8Array;
  /** That of the segment before, for pictures that build on it. */
  readonly before?: Uint8Array;
  /** Where the segment begins, unwrapped: what its 33-bit timestamps are held against. */
  readonly ptsStartUs: number;
  readonly ptsUs: number;
}

/** A reference image, ready to be kept. */
export interface ReadImage {
  /** What the bytes turned out to be. */
  readonly mediaType: string;
  /** For what was cut from a frame: the cut as PNG. */
  readonly original?: Uint8Array;
  /** 8-bit RGBA, straight alpha, trimmed, longest side at most {@link MAX_SIDE_PX}. */
  readonly png: Uint8Array;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly hasAlpha: boolean;
  /** The image came opaque, on one colour, which was made transparent. */
  readonly backgroundRemoved: boolean;
  readonly descriptor: Uint8Array;
}

export interface ReadFrame {
  /** A JPEG or PNG. */
  readonly bytes: Uint8Array;
  readonly widthPx: number;
  readonly heightPx: number;
}

/** Answer by question. */
export interface ReadAnswers {
  readonly image: ReadImage;
  readonly 'frame-reference': ReadImage;
  readonly 'frame-picture': ReadFrame;
  readonly 'thumbnail-sheet': ReadFrame;
}

export interface ToReader {
  readonly id: number;
  readonly request: ReadRequest;
}
export type FromReader =
  | { readonly type: 'ready' }
  | { readonly type: 'answer'; readonly id: number; readonly answer: ReadAnswers[keyof ReadAnswers] }
  | { readonly type: 'refusal'; readonly id: number; readonly code: string; readonly message: string };

export const MAX_IMAGE_BYTES = 5 * 1024 * 1024;
export const MAX_SIDE_PX = 512;
