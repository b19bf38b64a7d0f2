/** The few things used last, made when they are first asked for. */
export class KeptFew<T> {
  private readonly kept = new Map<string, T>();

  constructor(
    private readonly most: number,
    private readonly onForget: (value: T) => void = () => undefined,
  ) {}

  of(key: string, make: () => T): T {
    const value = this.kept.get(key) ?? make();
    this.kept.delete(key);
    this.kept.set(key, value);
    if (this.kept.size > this.most) this.forget(this.kept.keys().next().value!);
    return value;
  }

  clear(): void {
    for (const key of [...this.kept.keys()]) this.forget(key);
  }

  private forget(key: string): void {
    this.onForget(this.kept.get(key)!);
    this.kept.delete(key);
  }
}
