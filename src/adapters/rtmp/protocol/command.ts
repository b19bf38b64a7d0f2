import { violation } from '../refusal.js';
import { Amf0Reader, type AmfObject, type AmfValue } from './amf0-reader.js';

/** A command message: `name transactionId [commandObject] [arguments…]`. */
export interface RtmpCommand {
  readonly name: string;
  readonly transactionId: number;
  readonly object: AmfObject | undefined;
  readonly args: readonly AmfValue[];
}

const isObject = (value: AmfValue): value is AmfObject => typeof value === 'object' && value !== null && !Array.isArray(value);

/** @throws Refusal when the payload is not a well-formed AMF0 command */
export function readCommand(payload: Buffer): RtmpCommand {
  const [name, transactionId = 0, object, ...args] = new Amf0Reader(payload).readAll();
  if (typeof name !== 'string' || name.length === 0 || name.length > 64) throw violation('command without a name');
  if (typeof transactionId !== 'number' || !Number.isFinite(transactionId)) throw violation('command without a transaction id');
  return { name, transactionId, object: isObject(object) ? object : undefined, args };
}

/** What a publisher announces of its media, of which only numbers in a sane range are kept. */
export interface MediaAnnouncement {
  /** False when the metadata names no audio codec: no audio will come. */
  readonly hasAudio: boolean;
  readonly widthPx?: number;
  readonly heightPx?: number;
  readonly framesPerSecond?: number;
}

const within = (value: AmfValue, min: number, max: number): number | undefined =>
  typeof value === 'number' && value >= min && value <= max ? value : undefined;

/** Reads `[@setDataFrame] onMetaData {…}`; undefined for other data messages. */
export function readAnnouncement(payload: Buffer): MediaAnnouncement | undefined {
  const values = new Amf0Reader(payload).readAll();
  if (values[0] === '@setDataFrame') values.shift();
  const [name, data] = values;
  if (name !== 'onMetaData' || !isObject(data)) return undefined;
  const audio = data['audiocodecid'];
  return {
    hasAudio: audio !== undefined && audio !== null && audio !== 0 && audio !== '',
    widthPx: within(data['width'], 1, 16_384),
    heightPx: within(data['height'], 1, 16_384),
    framesPerSecond: within(data['framerate'], 0.1, 1000),
  };
}
