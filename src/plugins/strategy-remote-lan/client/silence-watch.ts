import { SILENCE_MS } from 'vedette/worker-host';

const TICK_MS = 500;

/**
 * Notices when nothing is heard for too long. It counts ticks of this process rather than time: where this process itself was
 * held up, what came in meanwhile is read before anybody is called silent.
 */
export class SilenceWatch {
  private ticks = 0;
  private readonly timer: NodeJS.Timeout;

  constructor(onSilent: () => void) {
    this.timer = setInterval(() => {
      if (++this.ticks * TICK_MS <= SILENCE_MS) return;
      this.stop();
      onSilent();
    }, TICK_MS);
  }

  /** For how long nothing was heard, as far as this process was there to hear it. */
  get quietMs(): number {
    return this.ticks * TICK_MS;
  }

  heard(): void {
    this.ticks = 0;
  }

  stop(): void {
    clearInterval(this.timer);
  }
}
