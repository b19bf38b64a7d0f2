import { CodedError, type SourceContext, type SourceState } from 'vedette/plugin';
import type { FolderConfig } from './config.js';

/** What a person is to know of a folder, told once as long as it stays the same. */
export class Trouble {
  private said = '';

  constructor(
    private readonly context: SourceContext,
    private readonly isLive: () => boolean,
  ) {}

  /** @returns false for what nobody foresaw */
  tell(error: unknown): boolean {
    if (!(error instanceof CodedError)) return false;
    this.say(this.isLive() ? 'live' : 'retrying', `${error.code}: ${error.message}. ${error.fix ?? ''}`.trim());
    return true;
  }

  /** There is nothing to take. */
  waits({ path, name }: FolderConfig): void {
    if (!this.isLive()) this.say('pending', `Waiting for new segments${name === undefined ? '' : ` of "${name}"`} in ${path}`);
  }

  over(): void {
    if (this.said === '') return;
    this.said = '';
    this.context.report('live');
  }

  private say(state: SourceState, text: string): void {
    if (text === this.said) return;
    this.said = text;
    this.context.report(state, text);
  }
}
