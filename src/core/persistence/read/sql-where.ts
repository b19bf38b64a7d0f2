/** A wall clock in µs since 1970, as a condition's parameter. */
export const INSTANT = "(timestamptz 'epoch' + ?::bigint * interval '1 microsecond')";

/**
 * Collects conditions with their parameters; a value never becomes part of the text.
 * @example where.add('label = ?', label) → `label = $3`
 */
export class SqlWhere {
  readonly params: unknown[] = [];
  private readonly conditions: string[] = [];

  /** `?` stands for the values, in order. */
  add(condition: string, ...values: unknown[]): this {
    let next = 0;
    this.conditions.push(condition.replaceAll('?', () => this.param(values[next++])));
    return this;
  }

  /** Adds a parameter outside the conditions; gives its placeholder. */
  param(value: unknown): string {
    this.params.push(value);
    return `$${this.params.length}`;
  }

  toString(): string {
    return this.conditions.length === 0 ? 'TRUE' : this.conditions.join(' AND ');
  }
}
