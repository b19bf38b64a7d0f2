import { readFile, stat } from 'node:fs/promises';
import { Command } from 'commander';
import { COMMAND_LINE } from '../../core/audit/actor.js';
import { newBrandBody } from '../../core/wire/brands.wire.js';
import { InvalidInput, issuesOf } from '../../core/api/http/validation.pipe.js';
import { loadConfig } from '../../core/config/load-config.js';
import { brandError, brandErrors } from '../../core/errors/brand.errors.js';
import { errorText } from '../../core/plugin-api/index.js';
import type { BrandRecord } from '../../core/persistence/references/brand-records.js';
import type { BrandLibrary } from '../../core/references/brand-library.js';
import { MAX_IMAGE_BYTES } from '../../core/references/reader/reader-protocol.js';
import { withStores } from '../database-access.js';
import { brandNamed } from '../named.js';
import { databaseUrlOf } from '../database-address.js';

interface AddOptions {
  readonly icon?: string;
  readonly image?: readonly string[];
  readonly colour?: string;
  readonly variant?: string;
  readonly keepBackground?: boolean;
  readonly allowDuplicate?: boolean;
}

/** Opens the library for the length of `work`. */
type OpenLibrary = (work: (library: BrandLibrary) => Promise<void>) => Promise<void>;

/** Brands without a browser; the dashboard and REST do the same. */
export function brandCommand(withLibrary: OpenLibrary = ofThisMachine): Command {
  const brand = new Command('brand').description('List, add and remove the brands whose logos are looked for');
  brand
    .command('list')
    .description('List brands with their images')
    .option('--removed', 'list removed brands instead')
    .action(({ removed }: { removed?: boolean }) =>
      withLibrary(async (library) => list(await library.store.list({ deleted: removed === true }))),
    );
  brand
    .command('add')
    .description('Add a brand, or images to an existing one')
    .argument('<name>')
    .option('--icon <slug>', 'begin with this icon of simple-icons, e.g. nodedotjs')
    .option('--image <file...>', 'PNG, JPEG, WebP or SVG files')
    .option('--colour <#rrggbb>', 'for the dashboard; the icon’s own when absent')
    .option('--variant <name>', 'name of the images, e.g. wordmark')
    .option('--keep-background', 'leave opaque images opaque')
    .option('--allow-duplicate', 'even if an image looks like another brand’s')
    .addHelpText(
      'after',
      '\nExamples:\n  vedette brand add "Node.js" --icon nodedotjs\n  vedette brand add Acme --image acme.svg acme-white.png',
    )
    .action((name: string, options: AddOptions) => add(name, options, withLibrary));
  brand
    .command('remove')
    .description('Remove a brand; `restore` brings it back')
    .argument('<name>')
    .action((name: string) =>
      withLibrary(async (library) => {
        const found = brandNamed(await library.store.list(), name, 'There is no brand');
        await library.remove(COMMAND_LINE, found.id);
        print(`Brand ${found.name} is removed. To undo: vedette brand restore ${JSON.stringify(found.name)}`);
      }),
    );
  brand
    .command('restore')
    .description('Bring a removed brand back, with its images')
    .argument('<name>')
    .option('--allow-duplicate', 'even if an image looks like another brand’s by now')
    .action((name: string, options: Pick<AddOptions, 'allowDuplicate'>) =>
      withLibrary(async (library) => {
        const found = brandNamed(await library.store.list({ deleted: true }), name, 'There is no removed brand');
        list([await library.restore(COMMAND_LINE, found.id, options)]);
      }),
    );
  return brand;
}

/** Files are read before anything is changed: a name mistyped leaves no brand without images. */
async function add(name: string, { icon, image = [], colour, ...options }: AddOptions, withLibrary: OpenLibrary): Promise<void> {
  const input = checked({ name, ...(colour === undefined ? {} : { colour }), ...(icon === undefined ? {} : { icon }) });
  const files = await Promise.all(image.map(async (file) => ({ file, bytes: await imageFile(file) })));
  await withLibrary(async (library) => {
    const there = (await library.store.list()).find((brand) => brand.name.toLowerCase() === name.toLowerCase());
    if (there !== undefined && icon === undefined && files.length === 0)
      throw brandError('VD_BRAND_NAME_TAKEN', `There is a brand named ${JSON.stringify(there.name)}, and no image to add to it was given.`);
    const brand = there ?? (await library.create(COMMAND_LINE, { ...input, allowDuplicate: options.allowDuplicate ?? false }));
    if (there !== undefined && icon !== undefined) await library.addIcon(COMMAND_LINE, brand.id, icon, options);
    for (const { file, bytes } of files) {
      const { widthPx, heightPx, backgroundRemoved } = await library
        .addUpload(COMMAND_LINE, brand.id, bytes, options)
        .catch((error: unknown) => {
          throw ofFile(error, file);
        });
      print(`${file}: ${widthPx}x${heightPx} pixels${backgroundRemoved ? ', background removed' : ''}`);
    }
    list([await library.store.one(brand.id)]);
  });
}

/** Which of several files it was. */
function ofFile(error: unknown, file: string): unknown {
  const { code, message } = error as { code?: string; message?: string };
  return code !== undefined && code in brandErrors
    ? brandError(code as keyof typeof brandErrors, `${file}: ${message}`, { cause: error })
    : error;
}

function checked(input: Record<string, string>): { name?: string; colour?: string | null; icon?: string } {
  const result = newBrandBody.safeParse(input);
  if (!result.success) throw new InvalidInput(issuesOf(result.error.issues));
  return result.data;
}

/** @throws VD_BRAND_IMAGE_UNREADABLE, VD_BRAND_IMAGE_TOO_LARGE */
async function imageFile(file: string): Promise<Buffer> {
  try {
    const facts = await stat(file);
    if (!facts.isFile()) throw new Error('it is not a file');
    if (facts.size > MAX_IMAGE_BYTES)
      throw brandError('VD_BRAND_IMAGE_TOO_LARGE', `${file} has ${facts.size} bytes, more than ${MAX_IMAGE_BYTES}.`);
    return await readFile(file);
  } catch (error) {
    if ((error as { code?: string }).code === 'VD_BRAND_IMAGE_TOO_LARGE') throw error;
    throw brandError('VD_BRAND_IMAGE_UNREADABLE', `${file}: ${errorText(error)}`, {
      cause: error,
      fix: 'Give the path of an image file that this user may read.',
    });
  }
}

function list(brands: readonly BrandRecord[]): void {
  for (const { name, enabled, references } of brands) {
    const images = references
      .map(({ variant, widthPx, heightPx, enabled: on }) => `${variant} ${widthPx}x${heightPx}${on ? '' : ' (off)'}`)
      .join(', ');
    print([name.padEnd(24), enabled ? 'on ' : 'off', images === '' ? 'no image yet' : images].join('  '));
  }
}

const print = (line: string): void => void process.stdout.write(`${line}\n`);

const ofThisMachine: OpenLibrary = async (work) => {
  const loaded = loadConfig();
  await withStores(loaded, databaseUrlOf(loaded), ({ brands }) => work(brands));
};
