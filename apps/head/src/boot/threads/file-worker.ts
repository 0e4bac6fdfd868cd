import { serveFiles } from "./serve.ts";

await serveFiles();
