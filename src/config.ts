/**
 * Every limit and default of the engine, named with its unit.
 *
 * A name that ends in `Max` is a bound: what would go over it is refused, paused or split, as its
 * comment says, and is never dropped in silence.
 */
export interface Config {
  /** Events in one append. A group of commands is cut here. */
  readonly batchEventsMax: number
  /**
   * Commands that are worth a flush of their own while another is under way: fewer wait for each
   * other. Flushes follow one another, and each takes as long as some tens of commands are decided.
   */
  readonly groupShareMin: number
  /** Commands that wait to be decided. One more is answered `OVERLOADED`. */
  readonly inboxCommandsMax: number
  /**
   * Order actors alive at the same time; three groups of `batchEventsMax` have to fit, or groups are smaller.
   * The longest idle one makes room for the next. More of them cost more than the histories that are read
   * again: they outlive the young generation of the heap.
   */
  readonly liveActorsMax: number
  /** Events of one history that are read, or folded, before others get their turn. */
  readonly eventsPerTurnMax: number
  /** Histories longer than `eventsPerTurnMax` which are read at once for all sockets. More wait their turn. */
  readonly walksMax: number
  /** Reads of such histories that wait. One more is answered `OVERLOADED`. */
  readonly walksWaitingMax: number
  /** Events of one `order.history`. An order with more is answered `TOO_LONG`. */
  readonly historyEventsMax: number
  /** Orders with a history longer than `eventsPerTurnMax` which wake while others go on; for one more all wait. */
  readonly wakingOrdersMax: number
  /**
   * States whose context is frozen, from the start on, so that a domain which changes what it is
   * given is noticed when it is tried out, and costs nothing later.
   */
  readonly frozenStatesMax: number
  /** Bytes of events that wait for one watcher. What comes beyond is read from the log later. */
  readonly eventsHeldBytes: number
  /** Events that `events.read` returns in one answer, and its default. */
  readonly readEventsMax: number
  /** Orders that `order.list` returns in one answer. */
  readonly listOrdersMax: number
  /** Orders that `order.list` returns where no limit is asked for. */
  readonly listOrdersDefault: number
  /** Events looked at, for one watcher that comes back, before others get their turn. */
  readonly looksPerTurnMax: number
  /** Views in one part of a `views.snapshot`. */
  readonly snapshotViewsMax: number
  /** Bytes of one incoming frame. A larger one closes its socket with 1009. */
  readonly frameBytesMax: number
  /** Calls in one JSON-RPC batch. */
  readonly batchCallsMax: number
  /** Calls of one socket that are not answered yet. Beyond it, the socket is not read from. */
  readonly callsPendingMax: number
  /** Open sockets. One more is closed with 4102. */
  readonly socketsMax: number
  /** Clients whose newest connection is known, besides those that have one, so that an earlier one is not taken. */
  readonly clientsRememberedMax: number
  /** Subscriptions of one socket. */
  readonly subscriptionsMax: number
  /**
   * Bytes waiting in a socket's outbox above which notifications wait, so that views are conflated,
   * and the socket is not read from.
   */
  readonly outboxConflateBytes: number
  /** Bytes waiting in a socket's outbox above which it is closed with 4101. */
  readonly outboxCloseBytes: number
  /** Changes that wait for a watcher of which each is kept; beyond it, the newest of each order. */
  readonly changesKeptMax: number
  /** Views or events that a subscription with `ack: true` is sent ahead of its acks. */
  readonly ackLagMax: number
  /** Calls of one socket in a second, and at once. More are answered `RATE_LIMITED`. */
  readonly callsPerSecondMax: number
  /** Parts of one fragmented message. */
  readonly fragmentsMax: number
  /** Time that a socket without a token has to send one, where tokens are asked for. */
  readonly helloTimeoutMs: number
  /** Time between two pings of a socket. One that has not answered by the next is cut off. */
  readonly heartbeatMs: number
  /** Time in which a stopping server has answered, closed its sockets and its log, and ended. */
  readonly drainMs: number
  /** Time that a socket has to take what is in its outbox and to close; less than `drainMs`. */
  readonly cutOffMs: number
  /** Time between two looks at whether the log that is open is still there. */
  readonly logCheckMs: number
  /** Time for which somebody may read the log as it was at one moment before that is reported. */
  readonly stalledReaderMs: number
  /** Orders that have changed since the last checkpoint, at which the next one is begun. */
  readonly checkpointOrdersMax: number
  /** Time after which a checkpoint is begun where fewer have changed. */
  readonly checkpointMs: number
  /** Orders in memory that the checkpoint has as they are. Those that changed last are kept. */
  readonly ordersKeptMax: number
  /** Time after which a replay at the start shows its progress. */
  readonly progressAfterMs: number
  /** Time for which it is counted which edges of the chart are passed, after somebody asked. */
  readonly passagesMs: number
  /** Time that a chart may take to be laid out; longer, and there is none. */
  readonly chartLayoutMs: number
  /** Megabytes that the thread may take which lays a chart out; more, and there is none. */
  readonly chartMemoryMb: number
  /** Time after which a chart that could not be laid out is tried again, where somebody asks. */
  readonly chartRetryMs: number
}

export const defaults: Config = {
  batchEventsMax: 1024,
  groupShareMin: 64,
  inboxCommandsMax: 65_536,
  liveActorsMax: 3072,
  eventsPerTurnMax: 128,
  walksMax: 2,
  walksWaitingMax: 1000,
  historyEventsMax: 10_000,
  wakingOrdersMax: 8,
  frozenStatesMax: 1000,
  eventsHeldBytes: 4 * 1024 * 1024,
  readEventsMax: 1000,
  listOrdersMax: 1000,
  listOrdersDefault: 100,
  looksPerTurnMax: 1024,
  snapshotViewsMax: 200,
  frameBytesMax: 256 * 1024,
  batchCallsMax: 1000,
  callsPendingMax: 4096,
  socketsMax: 10_000,
  clientsRememberedMax: 20_000,
  subscriptionsMax: 100,
  outboxConflateBytes: 1024 * 1024,
  outboxCloseBytes: 16 * 1024 * 1024,
  changesKeptMax: 1024,
  ackLagMax: 10_000,
  callsPerSecondMax: 50_000,
  fragmentsMax: 64,
  helloTimeoutMs: 10_000,
  heartbeatMs: 15_000,
  drainMs: 5000,
  cutOffMs: 4000,
  logCheckMs: 1000,
  stalledReaderMs: 60_000,
  checkpointOrdersMax: 65_536,
  checkpointMs: 10_000,
  ordersKeptMax: 32_768,
  progressAfterMs: 1000,
  passagesMs: 10_000,
  chartLayoutMs: 30_000,
  chartMemoryMb: 512,
  chartRetryMs: 60_000,
}

/** Where the gateway listens unless it is told otherwise. */
export const defaultHost = '127.0.0.1'
export const defaultPort = 7300
/** The folder that holds the log unless another is named, below the current one. */
export const defaultDataFolder = './ordinal-data'

/** The same of `serve --demo`, so that what it makes up is not mixed with orders that are meant. */
export const defaultDemoFolder = './ordinal-demo'

/** Commands a second of `serve --demo`, on the average. */
export const demoRateDefault = 5
export const demoRateMax = 1000
/** Commands of the demo that wait for an answer. What is due meanwhile is left out. */
export const demoPendingMax = 64
/** Orders of the demo that have not come to an end. With so many, no new ones are placed. */
export const demoOpenOrdersMax = 200

/** Time after a signal to stop in which the next one is taken for the same. One that comes later ends the process. */
export const repeatedSignalMs = 1000

/** Characters of a server's log that wait where nobody reads it; lines on top are dropped, and counted. */
export const logWaitingCharsMax = 1024 * 1024

/** Bytes by which the file of a log is made longer ahead of its pages, and which are there for the next ones. */
export const logPreallocatedBytes = 256 * 1024

/** Records of a checkpoint that are written in one commit ahead of the others; those of views have some 15 KB. */
export const checkpointAheadRecordsMax = 64
/** Views that were read from a checkpoint and are held, as those who come back after a start all ask for the same. */
export const checkpointViewsHeldMax = 2048

/** Things that `ordinal verify` tells of the pages of a log. */
export const findingsMax = 20
/** Bytes of one event that `ordinal salvage` finds on pages that nothing leads to. */
export const salvagedRecordBytesMax = 8 * 1024 * 1024
/** Bytes of one line that `ordinal import` reads. An event is one frame at the most, and its attributes. */
export const importLineBytesMax = 1024 * 1024
/** Time for which the process that reads a log for `ordinal verify` may say nothing. */
export const childSilenceMsMax = 60_000

/** Characters of an id: orderId, commandId, customerId, paymentId, refundId. */
export const idPattern = '^[A-Za-z0-9_.:-]{1,64}$'

/** Lines of one order. */
export const orderLinesMax = 100
/** Characters of the short texts of an order: sku, trackingId. */
export const textCharsMax = 64
/** Characters of the path of a state, by which orders are listed. */
export const statePathCharsMax = 1000
/** Characters of a reason. */
export const reasonCharsMax = 500
/** Values in the params of a call, those inside others counted, up to which each fault is told. */
export const paramValuesMax = 1000
/** Faults named in one answer to params that do not fit. */
export const paramFaultsMax = 8
/** Characters of one line of a chart's labels; longer ones are wrapped. */
export const chartLineCellsMax = 34
/** Lines of one name, guard or list of actions in a chart. What is longer is cut, with `…`. */
export const chartTextLinesMax = 6
/** Characters of a token. */
export const tokenCharsMax = 8192
/** Characters of `by`, the subject of a token. A longer one is refused. */
export const subjectCharsMax = 256

/**
 * The defaults with some of them replaced.
 *
 * @throws {RangeError} naming the limit, if it is unknown or not a positive safe integer, or if the
 * default of a list is over its maximum
 */
export function configure(overrides: Partial<Config> = {}): Config {
  const config: Config = { ...defaults, ...overrides }
  for (const [name, value] of Object.entries(config)) {
    if (!(name in defaults)) throw new RangeError(`There is no limit named ${name}.`)
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new RangeError(`${name} must be a whole number from 1 on, and is ${value}.`)
    }
  }
  if (config.listOrdersDefault > config.listOrdersMax) {
    throw new RangeError('listOrdersDefault must not be over listOrdersMax.')
  }
  return config
}
