import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { decodedByFfmpeg } from '../analysis/sound.js';
import { seededRandom } from '../tracking/motion-scene.js';
import { MIX_RATE_HZ, type Stretch } from './background.js';

const run = promisify(execFile);

/** Clauses without a comma, so that nobody pauses within one; by eSpeak NG's voice. */
const CLAUSES: Readonly<Record<string, readonly string[]>> = {
  en: ['the storm has reached the coast this morning', 'all trains are late', 'we will be back after the break with more from the harbour'],
  'en-us+f3': ['good evening and welcome to the show', 'what a goal', 'the second half begins in just a few minutes from now'],
  'de+m3': ['der Zug nach Hamburg fährt heute von Gleis sieben', 'guten Abend', 'das Wetter bleibt bis zum Wochenende wechselhaft'],
  'fr+f2': ['bonsoir à tous et merci de votre attention', 'le train arrive', 'la circulation reste difficile dans le centre de la ville'],
  es: ['buenas noches a todos los que nos escuchan', 'gol de su equipo', 'mañana habrá viento fuerte en toda la costa del norte'],
  'it+f4': ['benvenuti alla trasmissione di questa sera', 'che bella partita', 'il treno per Milano parte dal terzo binario'],
};
const VOICES = Object.keys(CLAUSES);
const WORDS_PER_MINUTE = { least: 130, most: 190 };
/** Longer than the pause within a word, shorter than nobody speaking. */
const PAUSE_S = { least: 0.3, most: 3 };
/** What is this much softer than a clause's loudest sample is no part of it. */
const AUDIBLE = 0.01;
const LEVEL_RMS = 0.08;

/** Clauses one after another, with pauses between them; each is as loud as the other. */
export interface Spoken {
  readonly sound: Float32Array;
  /** Where each clause begins and ends: the truth. */
  readonly clauses: readonly Stretch[];
}

/** So many seconds of eSpeak NG's voices, always the same for a seed. Needs the program `espeak-ng`. */
export async function spoken(seed: number, seconds: number, folder: string): Promise<Spoken> {
  const random = seededRandom(seed);
  const between = ({ least, most }: { least: number; most: number }): number => least + (most - least) * random();
  const one = <Item>(of: readonly Item[]): Item => of[Math.floor(random() * of.length)]!;
  const sound = new Float32Array(seconds * MIX_RATE_HZ);
  const clauses: Stretch[] = [];
  for (let atS = between(PAUSE_S); ; atS += between(PAUSE_S)) {
    const voice = one(VOICES);
    const clause = await said(one(CLAUSES[voice]!), voice, Math.round(between(WORDS_PER_MINUTE)), join(folder, `clause-${seed}.wav`));
    const from = Math.round(atS * MIX_RATE_HZ);
    if (from + clause.length > sound.length - PAUSE_S.least * MIX_RATE_HZ) return { sound, clauses };
    sound.set(clause, from);
    clauses.push({ fromS: from / MIX_RATE_HZ, toS: (from + clause.length) / MIX_RATE_HZ });
    atS = clauses.at(-1)!.toS;
  }
}

/** A clause from its first to its last audible sample. */
async function said(text: string, voice: string, wordsPerMinute: number, file: string): Promise<Float32Array> {
  await run('espeak-ng', ['-v', voice, '-s', String(wordsPerMinute), '-w', file, text]);
  const samples = await decodedByFfmpeg(file, '-ac', '1', '-ar', String(MIX_RATE_HZ));
  const peak = samples.reduce((greatest, sample) => Math.max(greatest, Math.abs(sample)), 0);
  const isAudible = (sample: number): boolean => Math.abs(sample) > AUDIBLE * peak;
  const clause = samples.slice(samples.findIndex(isAudible), samples.findLastIndex(isAudible) + 1);
  const rms = Math.sqrt(clause.reduce((sum, sample) => sum + sample * sample, 0) / clause.length);
  return clause.map((sample) => (sample * LEVEL_RMS) / rms);
}
