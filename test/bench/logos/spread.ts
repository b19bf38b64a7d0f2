/** Random numbers of [0, 1) from a seed, the same everywhere (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * The 95 % interval of a figure by bootstrap over clips: frames of one clip resemble each other, so clips are what is drawn.
 * @param figure of any choice of clips; choices where it is not a number are left out
 */
export function interval<Clip>(
  clips: readonly Clip[],
  figure: (clips: readonly Clip[]) => number,
  rounds = 500,
): [low: number, high: number] {
  const random = seeded(1);
  const figures: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const value = figure(clips.map(() => clips[Math.floor(random() * clips.length)]!));
    if (Number.isFinite(value)) figures.push(value);
  }
  figures.sort((a, b) => a - b);
  const at = (share: number): number => figures[Math.min(figures.length - 1, Math.floor(share * figures.length))] ?? Number.NaN;
  return [at(0.025), at(0.975)];
}
