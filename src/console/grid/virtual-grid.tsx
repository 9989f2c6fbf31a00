/**
 * A table of any length: only the rows in sight are in the page. A grid to the keyboard and to screen
 * readers: it is one stop of the Tab key, arrows move the active row, Enter opens it.
 */
import type { ComponentChildren } from 'preact'
import { useCallback, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { rowAfterKey } from './keys.ts'

export interface Column<Row> {
  readonly key: string
  readonly title: string
  /** To the right: numbers. */
  readonly isNumeric?: boolean
  readonly sorted?: 'ascending' | 'descending'
  render(row: Row): ComponentChildren
}

export interface GridProps<Row> {
  /** Its name to screen readers, and the class that sets the widths of its columns. */
  readonly label: string
  readonly name: string
  readonly columns: readonly Column<Row>[]
  readonly rows: readonly Row[]
  readonly keyOf: (row: Row) => string
  readonly rowHeight: number
  /** How many rows there are in all; -1 where that is not known. */
  readonly total: number
  /** The row that is open elsewhere on the page. */
  readonly openKey?: string | null
  readonly rowClass?: (row: Row) => string
  readonly onOpen: (row: Row) => void
  /** Told which rows are in sight, and whether somebody holds the table: scrolled, points at it, or is in it. */
  readonly onLook?: (look: Look) => void
  /** Below the rows: that there are more, or none. */
  readonly children?: ComponentChildren
}

export interface Look {
  readonly first: number
  readonly end: number
  readonly isHeld: boolean
}

const rowsAround = 6

export function VirtualGrid<Row>(props: GridProps<Row>) {
  const { columns, rows, keyOf, rowHeight, total, openKey, onLook } = props
  const scroller = useRef<HTMLDivElement>(null)
  const [sight, setSight] = useState({ top: 0, height: 600 })
  const [activeKey, setActiveKey] = useState<string | null>(null)
  const held = useRef({ pointer: false, focus: false })
  const first = Math.max(0, Math.floor(sight.top / rowHeight) - rowsAround)
  const end = Math.min(rows.length, Math.ceil((sight.top + sight.height) / rowHeight) + rowsAround)
  const inSight = rows.slice(first, end)
  const active = activeKey === null ? -1 : rows.findIndex((row) => keyOf(row) === activeKey)

  const listener = useRef(onLook)
  listener.current = onLook

  const tell = useCallback(() => {
    const { pointer, focus } = held.current
    const isScrolled = (scroller.current?.scrollTop ?? 0) > rowHeight / 2
    listener.current?.({ first, end, isHeld: pointer || isScrolled || (focus && active > 0) })
  }, [first, end, active, rowHeight])

  const measure = useCallback(() => {
    const { scrollTop: top = 0, clientHeight: height = 0 } = scroller.current ?? {}
    setSight((before) =>
      before.top === top && before.height === height ? before : { top, height },
    )
  }, [])
  useLayoutEffect(() => {
    const observer = new ResizeObserver(measure)
    if (scroller.current) observer.observe(scroller.current)
    return () => observer.disconnect()
  }, [measure])
  useLayoutEffect(tell, [tell])

  const hold = (kind: 'pointer' | 'focus', isHeld: boolean) => () => {
    held.current[kind] = isHeld
    tell()
  }

  const activate = (index: number) => {
    const row = rows[index]
    if (!row) return
    setActiveKey(keyOf(row))
    const box = scroller.current
    if (!box) return
    const head = rowHeight
    const top = index * rowHeight
    if (top < box.scrollTop) box.scrollTop = top
    const bottom = top + rowHeight + head
    if (bottom > box.scrollTop + box.clientHeight) box.scrollTop = bottom - box.clientHeight
  }

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && rows[active]) {
      event.preventDefault()
      return props.onOpen(rows[active] as Row)
    }
    const page = Math.max(1, Math.floor(sight.height / rowHeight) - 2)
    const next = rowAfterKey(event.key, active, rows.length, page)
    if (next === undefined) return
    event.preventDefault()
    activate(next)
  }

  const idOf = (index: number) => `${props.name}-row-${index}`
  return (
    <div
      class={`grid ${props.name}`}
      role="grid"
      aria-label={props.label}
      aria-rowcount={total < 0 ? -1 : total + 1}
      aria-colcount={columns.length}
      aria-activedescendant={active >= first && active < end ? idOf(active) : undefined}
      tabIndex={0}
      ref={scroller}
      onScroll={measure}
      onKeyDown={onKeyDown}
      onPointerEnter={hold('pointer', true)}
      onPointerLeave={hold('pointer', false)}
      onFocus={hold('focus', true)}
      onBlur={hold('focus', false)}
    >
      <div role="rowgroup" class="grid-head">
        <div role="row" aria-rowindex={1} class="grid-row">
          {columns.map(({ key, title, isNumeric, sorted }) => (
            <div
              role="columnheader"
              key={key}
              class={`cell cell-${key}${isNumeric ? ' numeric' : ''}`}
              aria-sort={sorted}
            >
              {title}
              {sorted && <span aria-hidden="true">{sorted === 'descending' ? ' ↓' : ' ↑'}</span>}
            </div>
          ))}
        </div>
      </div>
      <div role="rowgroup" class="grid-body" style={{ height: `${rows.length * rowHeight}px` }}>
        {inSight.map((row, place) => {
          const index = first + place
          const key = keyOf(row)
          const marks = [
            'grid-row',
            key === activeKey ? 'active' : '',
            key === openKey ? 'open' : '',
            props.rowClass?.(row) ?? '',
          ]
          return (
            // Its keyboard is the grid's, which has the focus.
            <div
              role="row"
              key={key}
              id={idOf(index)}
              aria-rowindex={index + 2}
              aria-selected={key === openKey}
              class={marks.filter(Boolean).join(' ')}
              style={{ transform: `translateY(${index * rowHeight}px)` }}
              onClick={() => {
                setActiveKey(key)
                props.onOpen(row)
              }}
            >
              {columns.map((column) => (
                <div
                  role="gridcell"
                  key={column.key}
                  class={`cell cell-${column.key}${column.isNumeric ? ' numeric' : ''}`}
                >
                  {column.render(row)}
                </div>
              ))}
            </div>
          )
        })}
      </div>
      {props.children}
    </div>
  )
}
