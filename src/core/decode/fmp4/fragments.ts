import { boxesIn, boxIn, BoxReader, type IsoBox } from './boxes.js';
import type { MovieTrack } from './movie.js';

/** One sample of a track, as its fragment says. */
export interface FragmentSample {
  readonly start: number;
  readonly end: number;
  readonly dtsTicks: number;
  readonly ptsTicks: number;
  readonly isSync: boolean;
  /** Fragments are missing right before it. */
  readonly isAfterGap: boolean;
}

const TICKS_PER_SECOND = 90_000;
const NON_SYNC = 0x0001_0000;
/** Longer than any segment: nobody's bytes shall make a host work for ever. */
const MAX_SAMPLES = 200_000;

/** Reads fragments one after the other. Work is bounded by the size of the bytes, whatever they say. */
export class FragmentReader {
  /** Fragments that are missing, cut off or make no sense. */
  errors = 0;
  readonly samples = new Map<number, FragmentSample[]>();
  private sequence: number | undefined;
  private readonly tracks: ReadonlyMap<number, MovieTrack>;
  private isAfterGap = new Set<number>();
  private samplesLeft = MAX_SAMPLES;
  /** Samples that lie upon each other would be read more than once. */
  private bytesLeft: number;

  constructor(
    private readonly bytes: Buffer,
    tracks: readonly MovieTrack[],
  ) {
    this.tracks = new Map(tracks.map((track) => [track.id, track]));
    this.bytesLeft = bytes.length;
    for (const { id } of tracks) this.samples.set(id, []);
  }

  read(moof: IsoBox): void {
    const { bytes } = this;
    const header = boxIn(bytes, moof, 'mfhd');
    if (header === undefined) return void this.errors++;
    const reader = new BoxReader(bytes, header);
    reader.skip(4);
    const sequence = reader.uint32();
    if (this.sequence !== undefined && sequence !== this.sequence + 1) {
      this.errors++;
      this.isAfterGap = new Set(this.tracks.keys());
    }
    this.sequence = sequence;
    let dataStart = moof.start;
    for (const traf of boxesIn(bytes, moof.bodyStart, moof.end)) if (traf.type === 'traf') dataStart = this.track(traf, moof, dataStart);
  }

  /** @returns where the data of the next track begins, if it does not say so */
  private track(traf: IsoBox, moof: IsoBox, dataStart: number): number {
    const { bytes } = this;
    const header = boxIn(bytes, traf, 'tfhd');
    if (header === undefined) return this.refuse(dataStart);
    const reader = new BoxReader(bytes, header);
    const flags = reader.uint32() & 0xff_ffff;
    const track = this.tracks.get(reader.uint32());
    if (track === undefined) return dataStart;
    const base = flags & 0x01 ? reader.uint64() : flags & 0x02_0000 ? moof.start : dataStart;
    if (flags & 0x02) reader.skip(4);
    const defaults = {
      duration: flags & 0x08 ? reader.uint32() : track.defaults.duration,
      sizeBytes: flags & 0x10 ? reader.uint32() : track.defaults.sizeBytes,
      flags: flags & 0x20 ? reader.uint32() : track.defaults.flags,
    };
    const time = boxIn(bytes, traf, 'tfdt');
    if (reader.isPastEnd || time === undefined) return this.refuse(dataStart);
    const timeReader = new BoxReader(bytes, time);
    const run = {
      ...{ id: track.id, ticksPerUnit: TICKS_PER_SECOND / track.timescale, defaults, base, at: base },
      time: timeReader.uint32() >>> 24 === 1 ? timeReader.uint64() : timeReader.uint32(),
    };
    for (const trun of boxesIn(bytes, traf.bodyStart, traf.end)) if (trun.type === 'trun') this.run(trun, run);
    return run.at;
  }

  private run(trun: IsoBox, run: OpenRun): void {
    const reader = new BoxReader(this.bytes, trun);
    const head = reader.uint32();
    const flags = head & 0xff_ffff;
    const count = reader.uint32();
    if (flags & 0x01) run.at = run.base + reader.int32();
    let firstFlags = flags & 0x04 ? reader.uint32() : undefined;
    const { id, defaults, ticksPerUnit } = run;
    const samples = this.samples.get(id)!;
    for (let i = 0; i < count; i++) {
      const duration = flags & 0x100 ? reader.uint32() : defaults.duration;
      const sizeBytes = flags & 0x200 ? reader.uint32() : defaults.sizeBytes;
      const sampleFlags = flags & 0x400 ? reader.uint32() : (firstFlags ?? defaults.flags);
      const offset = flags & 0x800 ? (head >>> 24 === 0 ? reader.uint32() : reader.int32()) : 0;
      firstFlags = undefined;
      const [start, end] = [run.at, run.at + sizeBytes];
      const [dtsTicks, ptsTicks] = [Math.round(run.time * ticksPerUnit), Math.round((run.time + offset) * ticksPerUnit)];
      const isSense = start >= 0 && end <= this.bytes.length && Number.isSafeInteger(dtsTicks) && Number.isSafeInteger(ptsTicks);
      this.samplesLeft--;
      this.bytesLeft -= sizeBytes;
      // What comes after it in the run lies further on.
      if (reader.isPastEnd || !isSense || this.samplesLeft < 0 || this.bytesLeft < 0) return void this.refuse(0);
      run.at = end;
      run.time += duration;
      if (sizeBytes === 0) continue;
      samples.push({ start, end, dtsTicks, ptsTicks, isSync: (sampleFlags & NON_SYNC) === 0, isAfterGap: this.isAfterGap.delete(id) });
    }
  }

  private refuse(dataStart: number): number {
    this.errors++;
    return dataStart;
  }
}

interface OpenRun {
  readonly id: number;
  readonly ticksPerUnit: number;
  readonly defaults: MovieTrack['defaults'];
  readonly base: number;
  /** Where the next sample begins, in the bytes and in the track's time. */
  at: number;
  time: number;
}
