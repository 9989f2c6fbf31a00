/** A chart as text for Mermaid, a `stateDiagram-v2`. */
import { awayOf } from '../layout/groups.ts'
import { triggerText } from '../layout/labels.ts'
import { visible } from '../layout/text.ts'
import type { Chart, ChartEdge, ChartState } from '../model/model.ts'

/** The diagram, a line each. Mermaid lays it out by itself; of names it is told all there is. */
export function mermaidOf(chart: Chart): string {
  return `${new Diagram(chart).lines().join('\n')}\n`
}

class Diagram {
  readonly #chart: Chart
  readonly #names = new Map<string, string>()

  constructor(chart: Chart) {
    this.#chart = chart
    const taken = new Set<string>()
    for (const { id, name, path } of chart.states) {
      // With a letter and a sign before it, it is no word that means something to Mermaid.
      const plain = `s_${(path.join('_') || name).replace(/[^A-Za-z0-9_]/g, '_')}`
      let free = plain
      for (let count = 2; taken.has(free); count++) free = `${plain}_${count}`
      taken.add(free)
      this.#names.set(id, free)
    }
  }

  lines(): readonly string[] {
    const [machine] = this.#chart.states
    if (!machine) return ['stateDiagram-v2']
    return [
      'stateDiagram-v2',
      ...this.#state(machine, '  '),
      // Where both ends are known already, whatever they are in.
      ...this.#chart.edges.flatMap((edge) => this.#edge(edge)),
      ...this.#chart.states.flatMap((state) => this.#loop(state)),
    ]
  }

  #state(state: ChartState, indent: string): readonly string[] {
    const name = this.#names.get(state.id)
    const inner = this.#chart.states.filter(({ parent }) => parent === state.id)
    const head = `${indent}state "${escaped(this.#title(state))}" as ${name}`
    const parts = inner.map((one) => this.#state(one, `${indent}  `))
    const body =
      state.type === 'parallel'
        ? parts.flatMap((part, index) => (index === 0 ? part : [`${indent}  --`, ...part]))
        : parts.flat()
    const initial = state.initial
    const start = initial
      ? [`${indent}  [*] --> ${this.#names.get(initial.target)}${labelOf(doing(initial.actions))}`]
      : []
    const end = state.type === 'final' ? [`${indent}${name} --> [*]`] : []
    const block =
      inner.length > 0 ? [`${indent}state ${name} {`, ...body, ...start, `${indent}}`] : []
    return [head, ...block, ...end, ...this.#notes(state, indent)]
  }

  #title({ name, type, history }: ChartState): string {
    return type === 'history' ? `${name} (${history} history)` : name
  }

  /** What a state does by itself: Mermaid has no place for it but a note. */
  #notes({ id, entry, exit, invokes }: ChartState, indent: string): readonly string[] {
    const lines = [
      ...(entry.length > 0 ? [`entry / ${entry.join(', ')}`] : []),
      ...(exit.length > 0 ? [`exit / ${exit.join(', ')}`] : []),
      ...invokes.map(({ src }) => `invoke / ${src}`),
    ]
    if (lines.length === 0) return []
    return [`${indent}note right of ${this.#names.get(id)} : ${lines.map(escaped).join('<br/>')}`]
  }

  #edge(edge: ChartEdge): readonly string[] {
    const source = this.#names.get(edge.source)
    return awayOf(edge).map(
      (target) => `  ${source} --> ${this.#names.get(target)}${labelOf(textOf(edge))}`,
    )
  }

  /** All that stays in a state, as one loop: of several, Mermaid may draw one and lose the others. */
  #loop({ id }: ChartState): readonly string[] {
    const staying = this.#chart.edges.filter((edge) => edge.source === id && isStaying(edge))
    if (staying.length === 0) return []
    const name = this.#names.get(id)
    return [`  ${name} --> ${name} : ${staying.map((edge) => escaped(textOf(edge))).join('<br/>')}`]
  }
}

const isStaying = (edge: ChartEdge) => awayOf(edge).length === 0

function textOf(edge: ChartEdge): string {
  const guard = edge.guard === null ? '' : ` [${edge.guard}]`
  return `${triggerText(edge)}${guard}${doing(edge.actions)}`
}

const doing = (actions: readonly string[]) => (actions.length > 0 ? ` / ${actions.join(', ')}` : '')

const labelOf = (text: string) => (text === '' ? '' : ` : ${escaped(text.trim())}`)

/**
 * What is neither a letter nor a digit nor one of a few signs, as Mermaid's entities, so that nothing
 * is its syntax, or that of the Markdown which it reads in labels.
 */
function escaped(text: string): string {
  return visible(text).replace(special, (found) =>
    Array.from(found, (sign) => `#${sign.codePointAt(0)};`).join(''),
  )
}

const special =
  /[^\p{L}\p{M}\p{N} _.,()[\]/+=-]|--+|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])|(?<=\])\(|^[+-]|(?<=^\d+)[.)]/gu
