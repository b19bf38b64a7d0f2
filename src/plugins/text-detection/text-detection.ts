import { perStream, type Analyzer, type JsonValue, type Model, type Models, type StreamCourse, type StreamInfo } from 'vedette/plugin';
import { alphabetOf } from './characters.js';
import type { TextDetectionConfig } from './config.js';
import { LineEvents } from './line-events.js';
import { openNetworks } from './networks.js';
import { StreamTexts, type TextParts } from './stream-texts.js';
import { TextReader } from './text-reader.js';
import { TextSearch } from './text-search.js';
import { WatchedWords } from './watched-words.js';

/** Both networks, open, and what each stream's course needs of them. */
class TextDetection {
  private networks: readonly Model[] = [];
  private parts: TextParts | undefined;
  private readonly words: WatchedWords;

  constructor(
    private readonly config: TextDetectionConfig,
    private readonly models: Models,
  ) {
    this.words = new WatchedWords(config.watch);
  }

  /** @throws VD_MODEL_*, VD_TEXT_UNREADABLE_CHARACTERS */
  async init(): Promise<void> {
    const { config } = this;
    const { search, read, characters } = await openNetworks(this.models, config.searchPx);
    this.networks = [search, read];
    this.parts = {
      config,
      search: new TextSearch(search, config.searchPx, config.minBoxScore),
      reader: new TextReader(read, alphabetOf(characters, config)),
    };
  }

  course(stream: StreamInfo, checkpoint?: JsonValue): StreamCourse {
    if (this.parts === undefined) throw new Error('openStream() came before init()');
    return new StreamTexts(this.parts, new LineEvents(stream.epochId, this.words), checkpoint);
  }

  async dispose(): Promise<void> {
    await Promise.all(this.networks.map((network) => network.dispose()));
    this.networks = [];
  }
}

/**
 * Finds text in pictures and reads it: see docs/reference/analyzers/text-detection.md.
 */
export function textDetection(config: TextDetectionConfig, models: Models): Analyzer {
  const detection = new TextDetection(config, models);
  return {
    ...perStream((stream, checkpoint) => detection.course(stream, checkpoint)),
    init: () => detection.init(),
    dispose: () => detection.dispose(),
  };
}
