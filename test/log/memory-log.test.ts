import { MemoryLog } from '../../src/log/memory-log.ts'
import { eventLogContract } from '../support/log-contract.ts'

eventLogContract('MemoryLog', (options) => new MemoryLog(options))
