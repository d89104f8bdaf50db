/** The values of Prometheus metrics, as one reading of an internal listener gave them. */
export class Scrape {
  private constructor(readonly text: string) {}

  static async of(url: string): Promise<Scrape> {
    const response = await fetch(`${url}/metrics`);
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
    return new Scrape(await response.text());
  }

  /** The sum of all series of a metric whose labels contain this text. */
  sum(name: string, labels = ''): number {
    return this.text
      .split('\n')
      .filter((line) => new RegExp(`^${name}[ {]`).test(line) && line.includes(labels))
      .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
  }

  /** Every counter's value by its series, histograms included. */
  counters(): Map<string, number> {
    const cumulative = new Set(
      [...this.text.matchAll(/^# TYPE (\S+) (?:counter|histogram)$/gm)].map(([, name]) => name),
    );
    const lines = this.text.split('\n').filter((line) => {
      const name = /^[a-z_]+/.exec(line)?.[0] ?? '';
      return cumulative.has(name) || cumulative.has(name.replace(/_(bucket|sum|count)$/, ''));
    });
    return new Map(
      lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
    );
  }
}
