// The page and phone runtime: opens a sealed artifact over HTTP and answers from it, with the same kernels as the
// server. No Node, no ONNX Runtime, no other package; the whole of it is bounded in test/edge/size.test.ts.

import { openAnswers, type Scored } from "../artifact/answers.ts";
import type { Manifest } from "../artifact/manifest.ts";
import { openArtifact } from "../artifact/open.ts";
import { UserError } from "../base/errors.ts";
import { openPageKernels } from "../kernels/open-page.ts";
import { openScorer, scorerBytes } from "../recommender/scorer.ts";

export type { Scored } from "../artifact/answers.ts";
export { UserError } from "../base/errors.ts";

export interface EdgeOptions {
  /** Fetches in the page's stead: a cache, a service worker, a bundle. */
  readonly fetch?: (url: string) => Promise<Response>;
}

export interface AskOptions {
  /** How many items, 1 to 1000; 10 unless told. */
  readonly k?: number;
  /** Item ids not to give, beside those of the history. */
  readonly exclude?: readonly string[];
}

export interface Edge {
  readonly manifest: Manifest;
  /** The ids of the catalogue. */
  readonly items: readonly string[];
  /** The best items for this history (or, for a model that answers by user, this user), best first. */
  recommend(who: readonly string[] | { readonly user: string }, options?: AskOptions): Scored[];
  close(): Promise<void>;
}

/** What kernels take beside the scorer's own arrays. */
const SLACK = 1 << 16;

/** Opens the artifact whose folder is at `url`; every file is verified against its manifest. */
export async function openEdge(url: string, options: EdgeOptions = {}): Promise<Edge> {
  const folder = url.endsWith("/") ? url : `${url}/`;
  const load = options.fetch ?? ((address: string) => fetch(address));
  const artifact = await openArtifact(
    async (path) => {
      const response = await load(folder + path);
      if (!response.ok) throw new Error(`HTTP ${response.status}`);
      return new Uint8Array(await response.arrayBuffer());
    },
    { needs: "load" },
  );
  const kernels = await openPageKernels(scorerBytes(artifact.recommender) + SLACK);
  const scorer = openScorer(kernels, artifact.recommender);
  const answer = openAnswers(artifact, scorer);
  return {
    manifest: artifact.manifest,
    items: artifact.itemIds,
    recommend(who, { k = 10, exclude } = {}) {
      if (!Number.isInteger(k) || k < 1 || k > 1000) {
        throw new UserError(`k must be a whole number from 1 to 1000, got ${k}.`);
      }
      const given = answer({ ...("user" in who ? { user: who.user } : { history: who }), k, exclude });
      if ("refused" in given) throw new UserError(given.why);
      return [...given.items];
    },
    async close() {
      scorer.free();
      await kernels.close();
    },
  };
}
