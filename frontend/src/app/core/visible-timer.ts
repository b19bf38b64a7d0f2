/** The page's tab, as far as a timer asks. */
export interface Sight {
  visible(): boolean;
  /** @returns a function that ends it */
  onChange(run: () => void): () => void;
  now(): number;
  every(periodMs: number, run: () => void): () => void;
}

/**
 * Calls back again and again while somebody can see the page: a hidden tab asks the server nothing. What fell due meanwhile is made up for
 * as soon as the tab is looked at. @returns a function that stops it
 */
export function everyWhileVisible(sight: Sight, periodMs: number, run: () => void): () => void {
  let lastMs = sight.now();
  const beat = (): void => {
    if (!sight.visible()) return;
    lastMs = sight.now();
    run();
  };
  const stopTimer = sight.every(periodMs, beat);
  const stopLooking = sight.onChange(() => {
    if (sight.now() - lastMs >= periodMs) beat();
  });
  return () => {
    stopTimer();
    stopLooking();
  };
}
