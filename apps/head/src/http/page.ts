import { existsSync } from "node:fs";
import { join } from "node:path";
import { ClusterError } from "@bramble/core/base";
import fastifyStatic from "@fastify/static";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";

/** The built page: its files, and its `index.html` for every address that the page itself understands. */
export function pageRoutes({ dir }: { readonly dir: string }): FastifyPluginAsyncTypebox {
  return async (app) => {
    const isBuilt = existsSync(join(dir, "index.html"));
    app.addHook("onRoute", (route) => {
      route.config = { ...route.config, access: "open" };
    });
    if (isBuilt)
      await app.register(fastifyStatic, {
        root: dir,
        wildcard: false,
        index: false,
        // Names with a hash never change; index.html names them and is asked for each time.
        setHeaders: (reply, path) => {
          const isForEver = path.includes(`${join(dir, "assets")}`);
          void reply.header("cache-control", isForEver ? "public, max-age=31536000, immutable" : "no-cache");
        },
      });
    app.get("/*", { schema: { hide: true } }, async (request, reply) => {
      const path = request.url.split("?", 1)[0] ?? "";
      const isPage = !/^\/(api|assets)\//.test(path) && !/\.[a-z0-9]+$/i.test(path);
      if (!isPage || !wantsHtml(request.headers.accept))
        throw new ClusterError("not-found", `there is no ${request.method} ${path.slice(0, 100)}`);
      if (isBuilt) return reply.header("cache-control", "no-cache").sendFile("index.html", { cacheControl: false });
      return reply.type("text/html; charset=utf-8").send(notBuilt);
    });
  };
}

function wantsHtml(accept: string | undefined): boolean {
  return accept === undefined || /text\/html|\*\/\*/.test(accept);
}

const notBuilt = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Bramble</title><style>body{font:16px/1.5 system-ui;max-width:34em;margin:4em auto;padding:0 1em;color-scheme:light dark}</style>
<h1>The head is running</h1><p>Its page is not built yet. Build it with <code>npm run build</code> and start the head again.</p>
<p>Meanwhile: <a href="/api/docs">the API</a>, <a href="/api/v1/cluster">the cluster</a>, <a href="/healthz">health</a>.</p></html>`;
