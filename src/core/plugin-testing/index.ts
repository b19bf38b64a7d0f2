/** `vedette/testing`: what a plugin's tests stand on. */
export * from './barcode.js';
export * from './barcode-clip.js';
export * from './onnx-writer.js';
