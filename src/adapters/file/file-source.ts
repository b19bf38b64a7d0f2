import {
  CodedError,
  defineSource,
  IMPORT_DESK,
  z,
  type FileImport,
  type ImportDesk,
  type RunningSource,
  type SourceAdapter,
  type SourceContext,
} from 'vedette/plugin';
import { importFile } from './import-file.js';

const fileConfigSchema = z.strictObject({});
export type FileConfig = z.output<typeof fileConfigSchema>;

/** What is the import's own fault, and is not mended by trying again. All else is the system's: core starts the source again. */
const OF_THE_FILE = /^VD_(IMPORT|MEDIA_(CODEC|CONTAINER|INPUT))_/;

/** Takes the imports of a stream one after the other, as long as it runs. */
export class FileSource implements SourceAdapter<FileConfig> {
  constructor(private readonly desk: ImportDesk) {}

  async open(_config: FileConfig, context: SourceContext | undefined, signal: AbortSignal): Promise<RunningSource> {
    if (context === undefined) throw new TypeError('files are imported into a stream');
    signal.throwIfAborted();
    const stopping = new AbortController();
    const done = this.work(context, AbortSignal.any([signal, stopping.signal])).then(
      () => ({ reason: 'stopped' }),
      (error: unknown) => ({ reason: 'interrupted', error: error as Error }),
    );
    return {
      stop: async (reason) => {
        stopping.abort(new Error(reason));
        await done;
      },
      done,
    };
  }

  private async work(context: SourceContext, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      context.report('pending', 'Waiting for files to import');
      const next = await this.desk.next(context.streamId, signal);
      if (next === undefined) return;
      context.report('live', `Importing ${next.name}`);
      await this.attempt(next, context, signal);
    }
  }

  private async attempt(task: FileImport, context: SourceContext, signal: AbortSignal): Promise<void> {
    try {
      await importFile(task, context, signal);
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof CodedError) || !OF_THE_FILE.test(error.code)) throw error;
      context.logger.warn('A file could not be imported', { importId: task.importId, error });
      await task.failed(error);
    }
  }
}

export const fileSource = defineSource<FileConfig>({
  id: 'file',
  version: '1.0.0',
  title: 'Files',
  kind: 'stream',
  pace: 'file',
  config: fileConfigSchema,
  inject: [IMPORT_DESK],
  create: (desk: ImportDesk) => new FileSource(desk),
});
