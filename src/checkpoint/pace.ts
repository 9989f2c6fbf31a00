/** Work that is done in one turn of the event loop, whatever else goes on. */
const leastPerTurn = 16
/** Work that is owed for each order that changes meanwhile: more than it takes to have it in a checkpoint. */
const owedPerChanged = 2.5
/** Of what is owed, so much is done in one turn, and a share of what is beyond. */
const owedPerTurn = { work: 128, shareBeyond: 1 / 16 }

/**
 * How much of a checkpoint is made in one turn of the event loop; as work that takes as long as one order's
 * view does. A little at a time, so that whoever waits for a receipt waits hardly longer, also where many
 * orders have changed at once; but more while they change fast, so that it is made before as many have
 * changed as it is of.
 */
export class Pace {
  readonly #turn: () => Promise<void>
  readonly #changedCount: () => number
  #left = leastPerTurn
  #owed = 0

  /** @param changedCount how many orders have changed; it only grows while a checkpoint is made */
  constructor(turn: () => Promise<void>, changedCount: () => number) {
    this.#turn = turn
    this.#changedCount = changedCount
  }

  /** So much is done. True where it is others' turn: then wait for `turn`. */
  isOver(work: number): boolean {
    this.#left -= work
    return this.#left <= 0
  }

  /** Gives others their turn. */
  async turn(): Promise<void> {
    const before = this.#changedCount()
    await this.#turn()
    this.#owed += owedPerChanged * Math.max(0, this.#changedCount() - before)
    const { work, shareBeyond } = owedPerTurn
    const beyond = Math.max(0, this.#owed - work)
    const paid = this.#owed - beyond + beyond * shareBeyond
    this.#owed -= paid
    this.#left = leastPerTurn + paid
  }
}
