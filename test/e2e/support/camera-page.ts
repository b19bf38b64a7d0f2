/// <reference lib="dom" />
import { readFile, writeFile } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { VedetteProcess } from './vedette-process.js';

const CAMERA = join(import.meta.dirname, '../../../frontend/src/app/core/camera');
const MODULES = '/camera-modules';

export interface CameraOptions {
  readonly stream: string;
  readonly mimeTypes: readonly string[];
  readonly key?: string;
  readonly takeOver?: boolean;
}

/** As the dashboard's camera says it (`camera-status.ts`). */
export interface CameraStatus {
  readonly state: string;
  readonly epochId: string | null;
  readonly recordings: number;
  readonly sentBytes: number;
  readonly droppedBytes: number;
  readonly problem: { readonly code: string; readonly retryable: boolean } | null;
}

/** What the page keeps for the test. */
interface TestWindow {
  readonly BrowserCamera: new (request: object, deps: object) => TestWindow['camera'];
  readonly browserDeps: () => { record(...args: unknown[]): MediaRecorder };
  camera: { readonly status: CameraStatus; open(): Promise<void>; stop(): Promise<void> };
  recorded: Blob[];
}

/** A page of Vedette's own origin with the dashboard's camera in it, as TypeScript was stripped of its types. */
export class CameraPage {
  private constructor(
    private readonly context: BrowserContext,
    readonly page: Page,
    private readonly vedette: VedetteProcess,
  ) {}

  static async open(browser: Browser, vedette: VedetteProcess, isSignedIn = true): Promise<CameraPage> {
    // The modules come by a route of the test's, which a strict policy would refuse.
    const context = await browser.newContext({ bypassCSP: true });
    const [name = '', value = ''] = vedette.api.cookie.split('=');
    if (isSignedIn) await context.addCookies([{ name, value, url: vedette.apiUrl }]);
    const page = await context.newPage();
    await page.route(`**${MODULES}/*`, async (route) => {
      const name = new URL(route.request().url()).pathname.split('/').at(-1)!;
      const source = await readFile(join(CAMERA, `${name}.ts`), 'utf8');
      await route.fulfill({ contentType: 'text/javascript', body: stripTypeScriptTypes(source) });
    });
    await page.goto(`${vedette.apiUrl}/api/health`);
    // As text: what stands in a function here is changed by whoever compiles this test.
    const imports = `import { BrowserCamera } from '${MODULES}/browser-camera'; import { browserDeps } from '${MODULES}/camera-deps';`;
    await page.addScriptTag({ type: 'module', content: `${imports} Object.assign(window, { BrowserCamera, browserDeps });` });
    await page.waitForFunction(() => 'BrowserCamera' in window);
    return new CameraPage(context, page, vedette);
  }

  /** Begins to send; what the recorder gives is kept as well. */
  async start(options: CameraOptions): Promise<void> {
    await this.page.evaluate(
      async ({ serverUrl, ...request }) => {
        const kept = window as unknown as TestWindow;
        const deps = kept.browserDeps();
        const record = (...args: unknown[]) => {
          const recorder = deps.record(...args);
          kept.recorded = [];
          recorder.addEventListener('dataavailable', ({ data }) => kept.recorded.push(data));
          return recorder;
        };
        const video = { width: 640, height: 360, frameRate: 20 };
        kept.camera = new kept.BrowserCamera({ serverUrl, ...request, video, audio: true }, { ...deps, record });
        await kept.camera.open();
      },
      { serverUrl: this.vedette.apiUrl, ...options },
    );
  }

  status(): Promise<CameraStatus> {
    return this.page.evaluate(() => (window as unknown as TestWindow).camera.status);
  }

  async stop(): Promise<void> {
    await this.page.evaluate(() => (window as unknown as TestWindow).camera.stop());
  }

  /** Everything that the last recorder gave, as a file. */
  async save(file: string): Promise<void> {
    const text = await this.page.evaluate(async () => {
      const bytes = new Uint8Array(await new Blob((window as unknown as TestWindow).recorded).arrayBuffer());
      let binary = '';
      for (let at = 0; at < bytes.length; at += 8192) binary += String.fromCharCode(...bytes.subarray(at, at + 8192));
      return btoa(binary);
    });
    await writeFile(file, Buffer.from(text, 'base64'));
  }

  /** As when the person closes the tab. */
  async close(): Promise<void> {
    await this.page.close({ runBeforeUnload: false });
    await this.context.close();
  }
}
