/** The public API. */
export { type ChartFormat, chartText } from './chart/chart.ts'
export type { Config } from './config.ts'
export type {
  Candidate,
  Domain,
  EventForm,
  Method,
  Outcome,
  ParamFault,
  Receipt,
  RecordedEvent,
  Refusal,
  Standing,
  View,
} from './domain.ts'
export { Engine, openEngine } from './engine.ts'
export type { EngineOptions } from './engine-options.ts'
export {
  AppendUnknownError,
  ChartError,
  CheckpointDamagedError,
  ClosedError,
  CorruptLogError,
  DataFolderError,
  DomainError,
  Fault,
  InvalidParamsError,
  ListenError,
  LogLockedError,
  LogLostError,
  MachineError,
  OutcomeUnknownError,
  PositionAheadError,
  ReplayError,
  StaleHeadError,
  StorageFullError,
  UnknownMethodError,
} from './errors.ts'
export type { ListenOptions } from './gateway/port/listen.ts'
export type { EventLog } from './log/event-log.ts'
export { MemoryLog } from './log/memory-log.ts'
export type { Logger } from './log-lines/log-lines.ts'
export {
  type OrderCommands,
  type OrderEvent,
  type OrderMethod,
  type OrderStatus,
  type OrderView,
  orderDomain,
} from './order/index.ts'
export type { CommandOptions } from './protocol/commands.ts'
export type { Runtime } from './runtime.ts'
export { guardThatRefused } from './statechart/verdict.ts'
export type { Counts, ListQuery, Page } from './view/order-view.ts'
