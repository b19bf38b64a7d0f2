import type { MediaAnnouncement } from 'vedette/plugin';
import { Refusal, violation } from '../refusal.js';
import { Amf0Reader, type AmfObject, type AmfValue } from './amf0-reader.js';

/** A command message: `name transactionId [commandObject] [arguments…]`. */
export interface RtmpCommand {
  readonly name: string;
  readonly transactionId: number;
  readonly object: AmfObject | undefined;
  readonly args: readonly AmfValue[];
}

/** Commands whose object and arguments somebody needs; those of others are not read, whatever is in them. */
const READ_WHOLE: ReadonlySet<string> = new Set(['connect', 'publish']);

const isObject = (value: AmfValue): value is AmfObject => typeof value === 'object' && value !== null && !Array.isArray(value);

/** @throws Refusal when the payload is not a well-formed AMF0 command */
export function readCommand(payload: Buffer): RtmpCommand {
  const reader = new Amf0Reader(payload);
  const name = reader.ended ? undefined : reader.read();
  if (typeof name !== 'string' || name.length === 0 || name.length > 64) throw violation('command without a name');
  const transactionId = reader.ended ? 0 : reader.read();
  if (typeof transactionId !== 'number' || !Number.isFinite(transactionId)) throw violation('command without a transaction id');
  const [object, ...args] = READ_WHOLE.has(name) ? reader.readAll() : [];
  return { name, transactionId, object: isObject(object) ? object : undefined, args };
}

const within = (value: AmfValue, min: number, max: number): number | undefined =>
  typeof value === 'number' && value >= min && value <= max ? value : undefined;

const isNamed = (codec: AmfValue): boolean => codec !== undefined && codec !== null && codec !== 0 && codec !== '';

/**
 * Reads `[@setDataFrame] onMetaData {…}`. Other data messages are not read past their name, whatever is in them; metadata that
 * cannot be read announces nothing, which costs no media.
 */
export function readAnnouncement(payload: Buffer): MediaAnnouncement | undefined {
  const data = metadataIn(new Amf0Reader(payload));
  if (data === undefined) return undefined;
  return {
    hasAudio: isNamed(data['audiocodecid']),
    hasVideo: isNamed(data['videocodecid']) || isNamed(data['width']),
    widthPx: within(data['width'], 1, 16_384),
    heightPx: within(data['height'], 1, 16_384),
    framesPerSecond: within(data['framerate'], 0.1, 1000),
  };
}

function metadataIn(reader: Amf0Reader): AmfObject | undefined {
  try {
    const first = reader.ended ? undefined : reader.read();
    const name = first === '@setDataFrame' && !reader.ended ? reader.read() : first;
    const data = name === 'onMetaData' && !reader.ended ? reader.read() : undefined;
    return isObject(data) ? data : undefined;
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}
