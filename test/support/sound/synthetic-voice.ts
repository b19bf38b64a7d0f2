/** First three formants of five vowels, Hz. */
const VOWELS = [
  [730, 1090, 2440],
  [270, 2290, 3010],
  [300, 870, 2240],
  [530, 1840, 2480],
  [570, 840, 2410],
] as const;
const BANDWIDTHS_HZ = [80, 100, 140] as const;
const SYLLABLES_PER_SECOND = 4;
const PEAK = 0.4;

/**
 * Somebody saying vowels, four a second: pulses of a larynx at a pitch that wanders, through three resonances that glide from
 * one vowel to the next. Detectors of speech take it for speech; the same numbers always give the same samples.
 */
export function syntheticVoice(seconds: number, sampleRateHz: number, pitchHz = 120): Float32Array {
  const voice = new Float32Array(Math.round(seconds * sampleRateHz));
  const resonators = BANDWIDTHS_HZ.map((bandwidthHz) => new Resonator(bandwidthHz, sampleRateHz));
  let phase = 0;
  let peak = 0;
  for (let i = 0; i < voice.length; i++) {
    const atS = i / sampleRateHz;
    const syllable = Math.floor(atS * SYLLABLES_PER_SECOND);
    const progress = atS * SYLLABLES_PER_SECOND - syllable;
    const [from, to] = [VOWELS[syllable % VOWELS.length]!, VOWELS[(syllable + 1) % VOWELS.length]!];
    phase += (pitchHz * (1 + 0.15 * Math.sin(2 * Math.PI * 0.6 * atS) + 0.02 * Math.sin(2 * Math.PI * 5 * atS))) / sampleRateHz;
    const pulse = phase >= 1 ? 1 : 0;
    phase -= pulse;
    const loudness = Math.max(0.05, Math.min(1, progress / 0.15, (1 - progress) / 0.25));
    const said = resonators.reduce((sound, one, n) => one.push(sound, from[n]! + (to[n]! - from[n]!) * progress), pulse * loudness);
    voice[i] = said;
    peak = Math.max(peak, Math.abs(said));
  }
  return voice.map((sample) => (sample * PEAK) / peak);
}

/** A resonance of two poles whose frequency may change with every sample. */
class Resonator {
  private readonly radius: number;
  private readonly radiansPerHz: number;
  private before = 0;
  private beforeThat = 0;

  constructor(bandwidthHz: number, sampleRateHz: number) {
    this.radius = Math.exp((-Math.PI * bandwidthHz) / sampleRateHz);
    this.radiansPerHz = (2 * Math.PI) / sampleRateHz;
  }

  push(sample: number, frequencyHz: number): number {
    const feedback = 2 * this.radius * Math.cos(this.radiansPerHz * frequencyHz);
    const damping = this.radius ** 2;
    const now = (1 - feedback + damping) * sample + feedback * this.before - damping * this.beforeThat;
    this.beforeThat = this.before;
    this.before = now;
    return now;
  }
}
