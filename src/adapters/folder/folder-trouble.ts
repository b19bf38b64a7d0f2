import { CodedError, type SourceContext, type SourceState } from 'vedette/plugin';
import type { FolderConfig } from './config.js';

/** What was wrong with one segment is to be seen by a person, though the next one is in order. */
const SHOWN_MS = 30_000;

/** What a person is to know of a folder, told once as long as it stays the same. */
export class Trouble {
  private said = '';
  private error = { text: '', untilMs: 0 };

  constructor(
    private readonly context: SourceContext,
    private readonly isLive: () => boolean,
  ) {}

  /** @returns false for what nobody foresaw */
  tell(error: unknown): boolean {
    if (!(error instanceof CodedError)) return false;
    const text = `${error.code}: ${error.message}. ${error.fix ?? ''}`.trim();
    this.error = { text, untilMs: performance.now() + SHOWN_MS };
    this.say(this.isLive() ? 'live' : 'retrying', text);
    return true;
  }

  /** There is nothing to take. */
  waits({ path, name }: FolderConfig): void {
    if (!this.isLive()) this.say('pending', `Waiting for new segments${name === undefined ? '' : ` of "${name}"`} in ${path}`);
  }

  /** A segment was taken. */
  over(): void {
    if (performance.now() < this.error.untilMs) return this.say('live', this.error.text);
    if (this.said === '') return;
    this.said = '';
    this.context.report('live');
  }

  private say(state: SourceState, text: string): void {
    if (`${state} ${text}` === this.said) return;
    this.said = `${state} ${text}`;
    this.context.report(state, text);
  }
}
