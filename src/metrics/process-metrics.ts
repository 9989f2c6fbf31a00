/**
 * What Prometheus expects of every process, under the names that its dashboards know, read at the
 * scrape. prom-client's own set keeps observers that nothing can end, so it is not used.
 */
import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks'
import { Counter, Gauge, type Registry } from 'prom-client'

export function processMetrics(registry: Registry): void {
  const registers = [registry]
  const startedAt = Math.floor(performance.timeOrigin / 1000)
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read())
      },
    })
  const cpu = (name: string, help: string, read: () => number) =>
    new Counter({
      name,
      help,
      registers,
      collect() {
        this.reset()
        this.inc(read() / 1e6)
      },
    })
  cpu('process_cpu_user_seconds_total', 'User CPU time spent.', () => process.cpuUsage().user)
  cpu('process_cpu_system_seconds_total', 'System CPU time.', () => process.cpuUsage().system)
  gauge('process_start_time_seconds', 'Start time since the Unix epoch.', () => startedAt)
  gauge('process_resident_memory_bytes', 'Resident memory.', () => process.memoryUsage.rss())
  gauge('nodejs_heap_size_total_bytes', 'Heap reserved.', () => process.memoryUsage().heapTotal)
  gauge('nodejs_heap_size_used_bytes', 'Heap in use.', () => process.memoryUsage().heapUsed)
  gauge('nodejs_external_memory_bytes', 'Memory outside the heap.', () => {
    return process.memoryUsage().external
  })
}

/** Time between two looks at the event loop. */
const resolutionMs = 10

/**
 * How late the event loop is: over the time since the scrape before. It is looked at from the first
 * scrape on, so that whoever does not scrape has no timer that goes for ever.
 */
export class EventLoopDelay {
  #monitor: IntervalHistogram | undefined
  #isClosed = false

  constructor(registry: Registry) {
    const look = () => this.#look()
    new Gauge({
      name: 'ordinal_event_loop_delay_seconds',
      help: 'How late the event loop ran what was due, since the scrape before, by quantile.',
      labelNames: ['quantile'],
      registers: [registry],
      collect() {
        const monitor = look()
        for (const quantile of [0.5, 0.9, 0.99, 1]) {
          this.set({ quantile }, monitor ? secondsLate(monitor, quantile) : 0)
        }
        monitor?.reset()
      },
    })
  }

  close(): void {
    this.#isClosed = true
    this.#monitor?.disable()
  }

  /** What was seen since the scrape before; undefined where it is closed. */
  #look(): IntervalHistogram | undefined {
    if (this.#isClosed) return undefined
    if (!this.#monitor) {
      this.#monitor = monitorEventLoopDelay({ resolution: resolutionMs })
      this.#monitor.enable()
    }
    return this.#monitor
  }
}

/** The monitor measures from look to look, so that being on time reads as its resolution. */
function secondsLate(monitor: IntervalHistogram, quantile: number): number {
  if (monitor.count === 0) return 0
  return Math.max(0, monitor.percentile(quantile * 100) / 1e9 - resolutionMs / 1000)
}
