import { serveWarbles } from "./worker.ts";

serveWarbles();
