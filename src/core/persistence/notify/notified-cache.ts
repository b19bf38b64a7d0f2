import { ChannelListener } from './channel-listener.js';

/**
 * Answers kept in memory while NOTIFY reports every change to them. Listens from the first question on; while the
 * channel is lost each question goes to the database, and while that is away the answer known last is given.
 */
export class HeardMemory<Answer> {
  private readonly known = new Map<string, Promise<Answer>>();
  private readonly last = new Map<string, Answer>();
  private readonly listener: ChannelListener;
  private hears = false;

  constructor(
    private readonly options: {
      readonly databaseUrl: string;
      /** NOTIFY channel; the payload is the key whose answer changed. */
      readonly channel: string;
      readonly ask: (key: string) => Promise<Answer>;
    },
  ) {
    const { databaseUrl, channel } = options;
    this.listener = new ChannelListener({
      databaseUrl,
      channel,
      onRing: (key) => {
        this.hears = true;
        this.forget(key);
      },
      onLost: () => {
        this.hears = false;
        this.forget();
      },
    });
  }

  /**
   * @param isDoubted asks again, whatever is known
   * @throws what `ask` throws when no answer was ever known
   */
  async get(key: string, isDoubted = false): Promise<Answer> {
    void this.listener.start();
    const known = isDoubted ? undefined : this.known.get(key);
    if (known !== undefined) return known;
    const asked = this.ask(key);
    if (this.hears) this.known.set(key, asked);
    return asked;
  }

  async close(): Promise<void> {
    await this.listener.stop();
  }

  private async ask(key: string): Promise<Answer> {
    try {
      const answer = await this.options.ask(key);
      this.last.set(key, answer);
      return answer;
    } catch (error) {
      this.known.delete(key);
      const last = this.last.get(key);
      if (last === undefined) throw error;
      return last;
    }
  }

  /** Without a key: anything may have changed. */
  private forget(key?: string): void {
    if (key === undefined) this.known.clear();
    else this.known.delete(key);
  }
}
