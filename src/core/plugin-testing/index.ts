/**
 * `vedette/testing`: what a plugin's tests stand on. Contract suites per extension point, clips with burned-in frame numbers,
 * frames and sound without a decoder, fakes, and a writer of small ONNX files.
 */
export * from './analyzer-contract.js';
export * from './barcode.js';
export * from './barcode-clip.js';
export * from './fake-source-context.js';
export * from './onnx-graph.js';
export * from './onnx-writer.js';
export * from './source-contract.js';
export * from './strategy-contract.js';
export * from './synthetic-audio.js';
export * from './synthetic-frames.js';
export type * from './test-runner.js';
