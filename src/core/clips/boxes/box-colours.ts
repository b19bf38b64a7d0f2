/** Told apart by people who see few colours, too (Okabe and Ito), and bright enough for dark pictures. */
const COLOURS = ['#ffa500', '#56b4e9', '#009e73', '#f0e442', '#0072b2', '#d55e00', '#cc79a7'] as const;

/** The colour of the n-th label. */
export const boxColour = (index: number): string => COLOURS[index % COLOURS.length]!;
