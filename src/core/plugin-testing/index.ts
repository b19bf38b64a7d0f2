/** `vedette/testing`: what a plugin's tests stand on. */
export * from './onnx-writer.js';
