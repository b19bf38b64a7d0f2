import { StreamAssignments, type StreamAssignment } from '../../../src/core/plugin-host/stream-assignments.js';

const ONE: StreamAssignment = { queue: 'default', analyzerId: 'test.analyzer', analyzerVersion: '1.0.0', configHash: '0123456789abcdef' };

/** Has every stream looked at by the same analyzers. */
export class FakeAssignments extends StreamAssignments {
  constructor(private readonly assignments: StreamAssignment[] = [ONE]) {
    super({ analyzers: [] });
  }

  override analyzersFor(): StreamAssignment[] {
    return this.assignments;
  }
}
