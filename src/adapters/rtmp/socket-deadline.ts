/** One timer that is armed again and again; what it runs is the guard's business. */
export class Deadline {
  private timer: NodeJS.Timeout | undefined;

  arm(afterMs: number, expired: () => void): void {
    this.clear();
    this.timer = setTimeout(expired, afterMs);
  }

  /** Begins the running time anew; nothing when it is not armed. */
  touch(): void {
    this.timer?.refresh();
  }

  clear(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }
}
