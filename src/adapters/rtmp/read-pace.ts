import type { Flow } from 'vedette/plugin';

/**
 * Publishers write each frame by itself, and each read costs more than what it brings. What comes within this time is read at once: it is
 * later by half of it on average.
 */
const READ_EVERY_MS = 40;

/** Lets the publishers of one listener rest after each read, until all of them are read again. */
export class ReadPace {
  private readonly resting = new Set<() => void>();
  private timer: NodeJS.Timeout | undefined;

  /** @param go is called when the time is over */
  rest(go: () => void): void {
    this.resting.add(go);
    this.timer ??= setTimeout(() => this.wake(), READ_EVERY_MS);
  }

  private wake(): void {
    this.timer = undefined;
    const resting = [...this.resting];
    this.resting.clear();
    for (const go of resting) go();
  }
}

/** Reading from one socket: at its pace, unless somebody holds it altogether. */
export class PacedFlow implements Flow {
  private isHeld = false;
  private isResting = false;

  constructor(
    private readonly flow: Flow,
    private readonly pace: ReadPace,
  ) {}

  get isPaused(): boolean {
    return this.isHeld || this.isResting;
  }

  /** Enough has been read for now. */
  rest(): void {
    if (this.isResting) return;
    this.isResting = true;
    this.flow.pause();
    this.pace.rest(() => {
      this.isResting = false;
      if (!this.isHeld) this.flow.resume();
    });
  }

  pause(): void {
    this.isHeld = true;
    if (!this.isResting) this.flow.pause();
  }

  resume(): void {
    this.isHeld = false;
    if (!this.isResting) this.flow.resume();
  }
}
