export type { ErrorBody, ErrorCode, ErrorEntry } from "./errors.ts";
export { errorBody, errorTable, statusOf } from "./errors.ts";
export type { RoleOffer } from "./link.ts";
export { BoardMessage, BootMessage, Bye, HeadMessage, Hello, Ready, Result, RoleStateMessage } from "./link.ts";
export { ports } from "./ports.ts";
export { readBoardMessage, readHeadMessage } from "./read.ts";
export * from "./rest.ts";
export * from "./roles.ts";
export { readSimCommand, SimAnswer, SimCommand, SimStatus, simVerbs } from "./sim.ts";
