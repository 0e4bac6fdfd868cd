import { ClusterError } from "@bramble/core/base";

/** A flag, a file of settings or the cluster file is wrong: the person who started the head can put it right. */
export class UsageError extends ClusterError {
  constructor(message: string) {
    super("input.invalid", message);
  }
}
