// The HTTP face of an artifact: requests in, JSON out, with no knowledge of sockets or files.

import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { openAnswers } from "../artifact/answers.ts";
import type { Artifact } from "../artifact/open.ts";
import type { Scorer } from "../recommender/scorer.ts";
import { type Files, fileRoutes } from "./files.ts";
import { parseAsk } from "./request.ts";

const MAX_BODY = 1_000_000;

export interface AppOptions {
  readonly artifact: Artifact;
  readonly scorer: Scorer;
  /** The artifact's own files and the page runtime, for pages that answer by themselves; left out, neither is served. */
  readonly files?: Files;
}

/** POST /v1/recommend, GET /healthz and, with `files`, GET /artifact/… and /edge/…; every error is { error }. */
export function createApp({ artifact, scorer, files }: AppOptions): Hono {
  const answer = openAnswers(artifact, scorer);
  const { name: model, method, query, items } = artifact.manifest;
  const app = new Hono();

  app.post(
    "/v1/recommend",
    bodyLimit({
      maxSize: MAX_BODY,
      onError: (c) => c.json({ error: `The body is larger than ${MAX_BODY} bytes; send a shorter history.` }, 413),
    }),
    async (c) => {
      const type = c.req.header("content-type")?.split(";")[0]?.trim().toLowerCase();
      if (type !== "application/json") {
        const got = type ? `got ${type}` : "there is none";
        return c.json({ error: `Content-Type must be application/json, ${got}.` }, 415);
      }
      const ask = parseAsk(await c.req.text());
      if ("error" in ask) return c.json(ask, 400);
      const given = answer(ask);
      if ("refused" in given) return c.json({ error: sentence(given.why) }, given.refused === "user" ? 404 : 400);
      return c.json({ items: given.items, model, unknown: given.unknown });
    },
  );
  app.get("/healthz", (c) => c.json({ status: "ok", model, method, query, items }));
  if (files) fileRoutes(app, artifact.manifest, files);

  for (const [path, allow] of [
    ["/v1/recommend", "POST"],
    ["/healthz", "GET, HEAD"],
  ] as const) {
    app.all(path, (c) => c.json({ error: `${path} takes ${allow}, got ${c.req.method}.` }, 405, { Allow: allow }));
  }
  app.notFound((c) => c.json({ error: `There is no ${c.req.path}; ask POST /v1/recommend or GET /healthz.` }, 404));
  app.onError((error, c) => c.json({ error: `This is a bug in distilrec: ${error.message}` }, 500));
  return app;
}

const sentence = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
