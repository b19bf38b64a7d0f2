import { perStream, type PerStreamAnalyzer } from 'vedette/plugin';
import { BlockGrid } from './blockiness.js';
import type { StructureConfig } from './config.js';
import { EdgeWidths } from './edge-width.js';
import { StreamStructure } from './stream-structure.js';

/**
 * What only the source's own pixels show: black bars, blur, blocks, fields, noise and text near the edge. Metrics and events
 * are listed in {@link StreamStructure}; each measure's own file says how it is taken and whose idea it is.
 */
export function structureAnalysis(config: StructureConfig): PerStreamAnalyzer {
  const tools = { edges: new EdgeWidths(), grid: new BlockGrid() };
  return perStream((stream, checkpoint) => new StreamStructure(config, tools, stream, checkpoint));
}
