/** One series of a scrape. */
export interface Sample {
  readonly metric: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Reads the metrics that a server shows, as Prometheus would: each series gets the labels of its target. */
export async function scrape(url: string, job = 'program'): Promise<Sample[]> {
  const response = await fetch(url);
  const text = await response.text();
  const target = { job, instance: new URL(url).host };
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).map((line) => sampleOf(line, target));
}

function sampleOf(line: string, target: Readonly<Record<string, string>>): Sample {
  const [, metric, labels = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
  if (metric === undefined) throw new Error(`no sample: ${line}`);
  const pairs = [...labels.matchAll(/(\w+)=("(?:[^"\\]|\\.)*")/g)];
  return { metric, labels: { ...Object.fromEntries(pairs.map(([, label, text]) => [label!, JSON.parse(text!) as string])), ...target }, value: Number(value) };
}
