// Lets a page open the artifact by itself: the files that its manifest names, and the modules of the page runtime.

import type { Context, Hono } from "hono";
import type { Manifest } from "../artifact/manifest.ts";
import { manifestPath } from "../artifact/paths.ts";

export interface Files {
  /** A file of the artifact, by a path that its manifest names. */
  artifact(path: string): Promise<Uint8Array>;
  /** A module of the page runtime, "index.js" being its entry; undefined where there is none of that name. */
  edge(path: string): Promise<Uint8Array | undefined>;
}

/** Adds GET /artifact/PATH and GET /edge/PATH, open to pages of any origin; anything else there is 404. */
export function fileRoutes(app: Hono, manifest: Manifest, files: Files): void {
  const named = new Set([manifestPath, ...Object.keys(manifest.files)]);
  const send = (c: Context, bytes: Uint8Array, type: string) =>
    c.body(bytes as Uint8Array<ArrayBuffer>, 200, {
      "Content-Type": type,
      "Access-Control-Allow-Origin": "*",
      "Cache-Control": "no-cache",
      "X-Content-Type-Options": "nosniff",
    });
  app.get("/artifact/:path{.+}", async (c) => {
    const path = c.req.param("path");
    if (!named.has(path)) return c.notFound();
    return send(
      c,
      await files.artifact(path),
      path.endsWith(".json") ? "application/json" : "application/octet-stream",
    );
  });
  app.get("/edge/:path{.+}", async (c) => {
    const module = await files.edge(c.req.param("path"));
    return module ? send(c, module, "text/javascript; charset=utf-8") : c.notFound();
  });
}
