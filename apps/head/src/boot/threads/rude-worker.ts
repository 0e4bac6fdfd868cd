import { serveFiles } from "./serve.ts";

/** A thread for tests that ends in the middle of its work when it is asked to. */
await serveFiles(({ path }) => {
  if (path === "die") process.exit(3);
  if (path === "throw") throw new Error("a thread that throws");
});
