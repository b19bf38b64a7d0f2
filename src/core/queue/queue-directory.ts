import { BullModule, getQueueToken } from '@nestjs/bullmq';
import type { LazyModuleLoader } from '@nestjs/core';
import type { Queue } from 'bullmq';
import { queueError } from '../errors/queue.errors.js';
import type { ThrottledWarnings } from '../observability/throttled-warnings.js';

/** Every queue that the loaded plugins name, by its name. They are known only once the plugins are loaded: hence lazily. */
export class QueueDirectory {
  private constructor(private readonly queues: ReadonlyMap<string, Queue>) {}

  static async open(names: readonly string[], loader: LazyModuleLoader, warnings: ThrottledWarnings): Promise<QueueDirectory> {
    class VedetteQueues {}
    const module = await loader.load(() => ({
      module: VedetteQueues,
      imports: [BullModule.registerQueue(...names.map((name) => ({ name })))],
    }));
    const queues = new Map(names.map((name) => [name, module.get<Queue>(getQueueToken(name), { strict: false })]));
    for (const [name, queue] of queues) queue.on('error', (error) => warnings.warn(`Queue ${name}`, error));
    return new QueueDirectory(queues);
  }

  get names(): string[] {
    return [...this.queues.keys()];
  }

  /** @throws VD_QUEUE_UNKNOWN */
  get(name: string): Queue {
    const queue = this.queues.get(name);
    if (queue === undefined) throw queueError('VD_QUEUE_UNKNOWN', `There is no queue "${name}"; there are ${this.names.join(', ')}`);
    return queue;
  }

  find(name: string): Queue | undefined {
    return this.queues.get(name);
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.queues.values()].map((queue) => queue.close()));
  }
}
