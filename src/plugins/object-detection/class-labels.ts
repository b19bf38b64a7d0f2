import type { ModelFiles } from 'vedette/plugin';
import { namesInMetadata, parseLabels } from './class-names.js';
import { wantedClasses, type ObjectDetectionConfig } from './config.js';

/** The labels that detections may have: the classes of the model, or those of them that the config asks for. */
export async function classLabels(
  { model, names, labels, only }: Pick<ObjectDetectionConfig, 'model' | 'names' | 'labels' | 'only'>,
  models: ModelFiles,
): Promise<readonly string[] | undefined> {
  const known = names ?? (labels === undefined ? await inModel(model, models) : await inFile(labels, models));
  if (known === undefined || known.length === 0) return undefined;
  const wanted = wantedClasses({ model, only });
  return wanted === undefined ? known : known.filter((name) => wanted.includes(name));
}

async function inModel(model: string, models: ModelFiles): Promise<readonly string[] | undefined> {
  const metadata = await models.metadata(model);
  return metadata && namesInMetadata(metadata).names;
}

async function inFile(file: string, models: ModelFiles): Promise<readonly string[] | undefined> {
  const text = await models.text(file);
  return text === undefined ? undefined : parseLabels(text, file);
}
