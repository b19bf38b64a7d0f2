import type { FrameSpec } from 'vedette/plugin';

/** The picture that motion is looked for in: small enough to be cheap, and with sensor noise averaged out by the scaler. */
export const PICTURE: FrameSpec = { widthPx: 320, heightPx: 180, fit: 'inside', format: 'gray8' };
