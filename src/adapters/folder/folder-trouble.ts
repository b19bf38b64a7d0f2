import { CodedError, type SourceContext, type SourceState } from 'vedette/plugin';
import type { FolderConfig } from './config.js';

/** What was wrong with one segment is to be seen by a person, though the next one is in order. */
const SHOWN_MS = 30_000;
const NONE = { text: '', untilMs: 0 };

/** What a person is to know of a folder, told once as long as it stays the same. */
export class Trouble {
  private said = '';
  private error = NONE;

  constructor(
    private readonly context: SourceContext,
    private readonly isLive: () => boolean,
  ) {}

  /** Of a segment. */
  tell(error: CodedError): void {
    this.show(error, performance.now() + SHOWN_MS);
  }

  /**
   * Of the folder or its playlist: stands until {@link mended}.
   * @returns false for what nobody foresaw
   */
  tellOfFolder(error: unknown): boolean {
    if (!(error instanceof CodedError)) return false;
    this.show(error, Number.POSITIVE_INFINITY);
    return true;
  }

  /** The folder and its playlist are in order. */
  mended(): void {
    if (this.error.untilMs === Number.POSITIVE_INFINITY) this.error = NONE;
  }

  /** There is nothing to take. */
  waits({ path, name }: FolderConfig): void {
    if (!this.isLive() && performance.now() >= this.error.untilMs)
      this.say('pending', `Waiting for new segments${name === undefined ? '' : ` of "${name}"`} in ${path}`);
  }

  /** A segment was taken. */
  over(): void {
    if (performance.now() < this.error.untilMs) return this.say('live', this.error.text);
    if (this.said === '') return;
    this.said = '';
    this.context.report('live');
  }

  private show(error: CodedError, untilMs: number): void {
    const text = `${error.code}: ${error.message}. ${error.fix ?? ''}`.trim();
    this.error = { text, untilMs };
    this.say(this.isLive() ? 'live' : 'retrying', text);
  }

  private say(state: SourceState, text: string): void {
    if (`${state} ${text}` === this.said) return;
    this.said = `${state} ${text}`;
    this.context.report(state, text);
  }
}
