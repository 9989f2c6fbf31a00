/** Reads Prometheus' text format, as far as a scrape needs it, and strictly. */
export interface Scraped {
  readonly contentType: string | null
  /** The type of each metric by its name. */
  readonly types: ReadonlyMap<string, string>
  /** The values by name and labels, as they stand: `a_total{method="b"}`. */
  readonly values: ReadonlyMap<string, number>
}

export async function scrape(address: { host: string; port: number }): Promise<Scraped> {
  const response = await fetch(`http://${address.host}:${address.port}/metrics`)
  if (response.status !== 200) throw new Error(`/metrics answered ${response.status}`)
  const contentType = response.headers.get('content-type')
  return { contentType, ...readMetrics(await response.text()) }
}

export function readMetrics(text: string): Omit<Scraped, 'contentType'> {
  const types = new Map<string, string>()
  const values = new Map<string, number>()
  for (const line of text.split('\n')) {
    const type = /^# TYPE (\S+) (counter|gauge|histogram)$/.exec(line)
    const value = /^([a-z_]+(?:\{(?:\w+="[^"\\\n]*",?)*\})?) (\S+)$/.exec(line)
    if (type) types.set(type[1]!, type[2]!)
    else if (value) values.set(value[1]!, Number(value[2]))
    else if (line !== '' && !/^# HELP \S+ \S/.test(line)) throw new Error(`Not a metric: ${line}`)
  }
  return { types, values }
}
