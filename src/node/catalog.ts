// The data sets that `distilrec data get` knows: official address, size and SHA-256 of each file. Hashes: MovieTweetings
// from the files themselves, MovieLens from TensorFlow Datasets' url_checksums/movielens.txt.

import { suggest, UserError } from "../base/errors.ts";

export interface KnownFile {
  readonly name: string;
  readonly url: string;
  readonly bytes: number;
  readonly sha256: string;
  /** Of a zip: the files to unpack, by their path inside. The zip itself is not kept. */
  readonly unpack?: readonly string[];
}

export interface KnownSet {
  readonly name: string;
  /** The dataset method that reads it. */
  readonly use: string;
  readonly summary: string;
  readonly license: string;
  readonly files: readonly KnownFile[];
}

const movielens = (release: string, files: readonly string[], bytes: number, sha256: string): KnownFile[] => [
  {
    name: `${release}.zip`,
    url: `https://files.grouplens.org/datasets/movielens/${release}.zip`,
    bytes,
    sha256,
    unpack: files.map((file) => `${release}/${file}`),
  },
];
const grouplens = "GroupLens: research use, no redistribution";
const snapshot = "https://raw.githubusercontent.com/sidooms/MovieTweetings/master/snapshots/100K";

export const knownSets: readonly KnownSet[] = [
  {
    name: "movietweetings-100k",
    use: "movietweetings",
    summary: "100,000 film ratings tweeted in 2013, with times and titles (the 100K snapshot)",
    license: "MIT",
    files: [
      {
        name: "ratings.dat",
        url: `${snapshot}/ratings.dat`,
        bytes: 2_945_101,
        sha256: "c0dd868c2632d10002ebc928ddc5345f33adeaa59eca52c2941c26a2c5e36fd6",
      },
      {
        name: "movies.dat",
        url: `${snapshot}/movies.dat`,
        bytes: 542_192,
        sha256: "e63fb84bc734e3c574f135634a40d3cbafab22b8f94f5fc0b80f80d1d2076efc",
      },
    ],
  },
  {
    name: "movielens-100k",
    use: "movielens",
    summary: "100,000 film ratings of 943 people, 1997-98",
    license: grouplens,
    files: movielens(
      "ml-100k",
      ["u.data", "u.item", "u.user", "README"],
      4_924_029,
      "50d2a982c66986937beb9ffb3aa76efe955bf3d5c6b761f4e3a7cd717c6a3229",
    ),
  },
  {
    name: "movielens-latest-small",
    use: "movielens",
    summary: "100,836 film ratings of 610 people, 1996-2018",
    license: grouplens,
    files: movielens(
      "ml-latest-small",
      ["ratings.csv", "movies.csv", "tags.csv", "README.txt"],
      978_202,
      "696d65a3dfceac7c45750ad32df2c259311949efec81f0f144fdfb91ebc9e436",
    ),
  },
  {
    name: "movielens-1m",
    use: "movielens",
    summary: "1,000,209 film ratings of 6,040 people, 2000-03",
    license: grouplens,
    files: movielens(
      "ml-1m",
      ["ratings.dat", "movies.dat", "users.dat", "README"],
      5_917_549,
      "a6898adb50b9ca05aa231689da44c217cb524e7ebd39d264c56e2832f2c54e20",
    ),
  },
];

/** The set of that name; a UserError with a suggestion where there is none. */
export function findSet(name: string): KnownSet {
  const found = knownSets.find((set) => set.name === name);
  if (found) return found;
  const names = knownSets.map((set) => set.name);
  throw new UserError(`No data set named "${name}". ${suggest(name, names)}`);
}
