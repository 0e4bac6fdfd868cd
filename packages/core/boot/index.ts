export type { BootReport, BootStep } from "./steps.ts";
export { bootSteps } from "./steps.ts";
