/** The lines of a drawing, as SVG has them. */
import type { Point } from '../layout/geometry.ts'

const cornerRadius = 6
const arrow = { length: 8, halfWidth: 4 }

/** Straight pieces with round corners, as the `d` of an SVG path. */
export function pathData(points: readonly Point[]): string {
  return points
    .map((point, index) => {
      const before = points[index - 1]
      const after = points[index + 1]
      if (!before) return `M${point.x} ${point.y}`
      if (!after) return `L${point.x} ${point.y}`
      const radius = Math.min(cornerRadius, distance(before, point) / 2, distance(point, after) / 2)
      const from = towards(point, before, radius)
      const to = towards(point, after, radius)
      return `L${from.x} ${from.y}Q${point.x} ${point.y} ${to.x} ${to.y}`
    })
    .join('')
}

/** The head of an arrow that comes from one point and ends at another, as the same. */
export function arrowData(before: Point, tip: Point): string {
  const { length, halfWidth } = arrow
  const base = towards(tip, before, length)
  const across = { x: (base.y - tip.y) / length, y: (tip.x - base.x) / length }
  const side = (by: number) => `${round(base.x + across.x * by)} ${round(base.y + across.y * by)}`
  return `M${tip.x} ${tip.y}L${side(halfWidth)}L${side(-halfWidth)}Z`
}

function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y)
}

/** The point that is so far from one on the way to another. */
function towards(from: Point, to: Point, far: number): Point {
  const share = far / (distance(from, to) || 1)
  return { x: round(from.x + (to.x - from.x) * share), y: round(from.y + (to.y - from.y) * share) }
}

export const round = (value: number) => Math.round(value * 10) / 10
