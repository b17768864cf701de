// What metrics may know of items and of who took them.

/** What is known of the items when lists are judged. */
export interface Catalogue {
  readonly items: number;
  /** Users in train, and how many took each item. */
  readonly users: number;
  readonly popularity: Int32Array;
  /** The users of each item in train, ascending: row i is users[start[i] … start[i + 1]). */
  readonly takers: { readonly start: Uint32Array; readonly users: Int32Array };
  /** Tags such as genres: item i has code[start[i] … start[i + 1]), each < count. */
  readonly tags?: Tags;
}

export interface Tags {
  readonly count: number;
  readonly start: Uint32Array;
  readonly code: Int32Array;
}
