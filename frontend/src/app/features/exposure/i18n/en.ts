export const en = {
  head: { title: 'Exposure', text: 'How long, how large and where brands were on screen.' },
};
export type ExposureTexts = typeof en;
