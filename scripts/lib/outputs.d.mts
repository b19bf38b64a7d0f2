/** Kept by hand for `test/repo/outputs.spec.ts`; the script runs without a build. */
export class Outputs {
  constructor(show?: (text: string) => void);
  /** What is kept, of steps that are not over too. */
  showAll(): void;
  begin(name: string): { show: (text: string) => void; end: () => void };
}
