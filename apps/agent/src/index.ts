export type { Agent, AgentFacts, AgentParts } from "./agent.ts";
export { startAgent } from "./agent.ts";
export type { Hardware, Identity } from "./hardware/hardware.ts";
export type { LinkState } from "./link/link.ts";
export type { Connect, LinkSocket, SocketEvents } from "./link/socket.ts";
export { connectWebSocket } from "./link/socket.ts";
export type { Runner, RunRequest } from "./runner/runner.ts";
