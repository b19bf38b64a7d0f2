/**
 * One timer that is armed again and again; what it runs is the guard's business. A process that did not get to run finds the time over and
 * what it waited for unread: that is read first.
 */
export class Deadline {
  private timer: NodeJS.Timeout | undefined;
  private touches = 0;

  arm(afterMs: number, expired: () => void): void {
    this.clear();
    const timer = setTimeout(() => {
      const { touches } = this;
      // Sockets are read before this comes; a touch has begun the time anew by then.
      setImmediate(() => {
        if (this.timer === timer && this.touches === touches) expired();
      });
    }, afterMs);
    this.timer = timer;
  }

  /** Begins the running time anew; nothing when it is not armed. */
  touch(): void {
    this.touches += 1;
    this.timer?.refresh();
  }

  clear(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }
}
