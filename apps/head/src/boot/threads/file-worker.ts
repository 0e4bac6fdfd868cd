import { serveThread } from "./serve.ts";

await serveThread();
