import { isWarbleThread } from "./runner/thread-messages.ts";

// This file is also the program of its Warble threads, so that a bundle is one file. Each side loads only its own part.
if (isWarbleThread()) (await import("./runner/worker.ts")).serveWarbles();
else await (await import("./program.ts")).main(new URL(import.meta.url));
