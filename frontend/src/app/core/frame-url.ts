/** Path of one recorded frame as a picture. @param widthPx of the picture; the frame is scaled to it */
export const frameUrl = (streamId: string, epochId: string, ptsUs: number, widthPx: number): string =>
  `/api/streams/${streamId}/frame?epochId=${epochId}&ptsUs=${ptsUs}&widthPx=${widthPx}`;
