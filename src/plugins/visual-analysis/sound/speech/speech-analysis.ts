import { perStream, type Analyzer, type Model, type Models } from 'vedette/plugin';
import type { SpeechConfig } from './config.js';
import { StreamSpeech } from './stream-speech.js';

const MODEL_FILE = 'silero-vad.onnx';

/**
 * The share of each second that is speech, and the event `speech`. Silero VAD hears it; the model is opened when the first sound comes,
 * so that streams without any cost no memory. `docs/reference/analyzers/sound-analysis.md` has sources, thresholds and measured agreement.
 */
export function speechAnalysis(config: SpeechConfig, models: Models): Analyzer {
  let opened: Promise<Model> | undefined;
  const model = (): Promise<Model> => {
    // It takes 512 samples of 16 kHz or 256 of 8 kHz, and refuses the single zero of a warm-up run.
    opened ??= models.open(MODEL_FILE, { warmUp: false }).catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    return opened;
  };
  return {
    ...perStream(({ epochId }, checkpoint) => new StreamSpeech(config, epochId, model, checkpoint)),
    dispose: async () => {
      const open = await opened?.catch(() => undefined);
      opened = undefined;
      await open?.dispose();
    },
  };
}
