type Labels = Readonly<Record<string, string>>;

/** Samples in Prometheus' text format, version 0.0.4. What is not known has no sample: it is not zero. */
export class PrometheusText {
  private readonly families = new Map<string, { readonly help: string; readonly lines: string[] }>();

  /**
   * A value that goes up and down, in the base units of Prometheus.
   * @example text.gauge('vedette_stream_bitrate_bits_per_second', 'Of media', { stream: 'door' }, 3e6)
   */
  gauge(name: string, help: string, labels: Labels, value: number | boolean | null): void {
    const family = this.families.get(name) ?? { help, lines: [] };
    this.families.set(name, family);
    if (value === null) return;
    const told = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
    family.lines.push(`${name}${told.length === 0 ? '' : `{${told.join(',')}}`} ${Number(value)}`);
  }

  toString(): string {
    const families = [...this.families].filter(([, { lines }]) => lines.length > 0);
    return families.map(([name, { help, lines }]) => `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${lines.join('\n')}\n`).join('');
  }
}

const escaped = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
