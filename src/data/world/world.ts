// A synthetic world whose truth is known: people with drifting tastes meet items of a catalogue in sessions; what they
// are shown, and with what probability, what they click and whether it pleased them are all on record. Real logs hold
// only the clicks. A model of behaviour in general, not of any site's.

import type { Rng } from "../../base/rng.ts";
import type { Events } from "../interactions.ts";
import { type Catalogue, makeCatalogue } from "./catalogue.ts";
import type { Log } from "./log.ts";
import { dims, type WorldOptions } from "./options.ts";
import { makePeople, type People } from "./people.ts";
import { logSessions } from "./sessions.ts";

export interface World {
  /** The clicks, user by user in time order; vocabularies hold every user and item, clicked or not. */
  readonly events: Events;
  readonly titles: readonly string[];
  readonly categories: readonly string[];
  /** The category of each item. */
  readonly category: Int32Array;
  /** items × featureSize: what a text and an image encoder might say of each item; the image is the noisier. */
  readonly text: Float32Array;
  readonly image: Float32Array;
  readonly featureSize: number;
  /** Everything shown, with the probability that its slot showed this item. */
  readonly exposures: Log["exposures"];
  /** How much each click pleased, in (0, 1); one an event. */
  readonly satisfaction: Float32Array;
  readonly truth: {
    readonly dims: number;
    /** users × dims at the log's begin, and what is added to it by the log's end. */
    readonly userTaste: Float32Array;
    readonly userDrift: Float32Array;
    /** items × dims, unit length. */
    readonly itemTaste: Float32Array;
    /** What of each item makes people click without pleasing them, and please them without making them click. */
    readonly bait: Float32Array;
    readonly quality: Float32Array;
    /** Each item's share of attention, sum 1. */
    readonly popularity: Float64Array;
    /** Unix seconds of the log's begin and end. */
    readonly span: readonly [number, number];
  };
}

const begin = Date.UTC(2024, 0, 1) / 1000;

/** Makes a world; the same options and rng give the same bytes. */
export function generateWorld(options: WorldOptions, rng: Rng): World {
  const span: [number, number] = [begin, begin + options.days * 86_400];
  const catalogue: Catalogue = makeCatalogue(options, rng.fork("catalogue"));
  const people: People = makePeople(options, catalogue.centres, rng.fork("people"));
  const log = logSessions(options, catalogue, people, span, rng.fork("sessions"));
  const name = (n: number) => Array.from({ length: n }, (_, at) => String(at + 1));
  return {
    events: { users: name(options.users), items: name(options.items), ...log.clicks },
    titles: catalogue.titles,
    categories: catalogue.names,
    category: catalogue.category,
    text: catalogue.text,
    image: catalogue.image,
    featureSize: catalogue.featureSize,
    exposures: log.exposures,
    satisfaction: log.satisfaction,
    truth: {
      dims,
      userTaste: people.taste,
      userDrift: people.drift,
      itemTaste: catalogue.taste,
      bait: catalogue.bait,
      quality: catalogue.quality,
      popularity: catalogue.popularity,
      span,
    },
  };
}
