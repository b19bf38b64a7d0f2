/** What the contract suites need of a test runner: vitest's and Node's own `describe` and `it` both fit. */
export interface TestRunner {
  describe(name: string, body: () => void): unknown;
  it(name: string, body: () => Promise<void> | void): unknown;
}
