/** What the suite holds the figures to, and how it says whether they are met. */
import { ratio, table } from './report.ts'

export interface Goal {
  /** What is measured, and against what; at most a line. */
  readonly what: string
  /** The figure is to be at least this (`least`), or at most this (`most`). */
  readonly bound: 'least' | 'most'
  readonly value: number
  /** What one would rather see. */
  readonly hopedFor?: number
  /** Of what the figure is a number; left out for a ratio. */
  readonly unit?: string
  /** True where the figure does not hang on how quiet the machine is. */
  readonly isExact?: boolean
  /** The subject that a ratio compares with; a ratio near 1 is then a tie with it. */
  readonly peer?: string
}

/** A figure and the goal that it is held to. */
export interface Finding {
  readonly goal: Goal
  readonly figure: number
  /** The least and the greatest of the rounds that the figure is the median of. */
  readonly range?: readonly [number, number]
}

/** Gaps under this share are ties: a shared machine drifts by as much. */
const tie = 0.2

export function isMet({ goal, figure }: Finding): boolean {
  return goal.bound === 'least' ? figure >= goal.value : figure <= goal.value
}

/** `met` or `not met`, and in words where that rests on less than the machine can tell. */
export function verdictOf(finding: Finding): string {
  const { goal, figure } = finding
  const verdict = isMet(finding) ? 'met' : 'not met'
  if (goal.isExact) return verdict
  const away = Math.abs(figure / goal.value - 1)
  const words: string[] = []
  if (away < tie) words.push(`${percent(away)} from the goal, a tie`)
  const apart = Math.abs(figure - 1)
  const isTie = goal.peer !== undefined && apart < tie
  // Where the goal is to be as good as the peer, the two are one and the same.
  if (isTie && goal.value !== 1) words.push(`a tie with ${goal.peer}`)
  return words.length === 0 ? verdict : `${verdict} (${words.join('; ')})`
}

/** One row a goal. Where nothing is to be judged, the figures stand without a verdict. */
export function printFindings(findings: readonly Finding[], judges: boolean): string {
  const head = ['goal', 'at', 'wanted', 'figure', 'rounds', 'verdict']
  const rows = findings.map((finding) => {
    const { goal, figure, range } = finding
    const write = goal.unit === undefined ? ratio : whole
    return [
      goal.what,
      goal.unit ?? 'ratio',
      wanted(goal, write),
      write(figure),
      range ? `${write(range[0])} to ${write(range[1])}` : '',
      judges ? verdictOf(finding) : 'not judged: quick',
    ]
  })
  return table(head, rows, ['left', 'left', 'left', 'right', 'right', 'left'])
}

/** For the JSON document. */
export function judged(finding: Finding) {
  return { ...finding, met: isMet(finding), verdict: verdictOf(finding) }
}

function wanted({ bound, value, hopedFor }: Goal, write: (value: number) => string): string {
  const words = `at ${bound} ${write(value)}`
  return hopedFor === undefined ? words : `${words}, hoped for ${write(hopedFor)}`
}

const whole = (value: number) => Math.round(value).toLocaleString('en-US')
const percent = (share: number) => `${Math.round(share * 100)} %`
