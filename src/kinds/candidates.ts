// What a loss over candidates sees of one user: the teacher's list to pick from, and then the candidates with their scores.

/** One user's list, best first. */
export interface TeacherList {
  readonly items: Int32Array;
  /** The group of each item of the catalogue, when `count` groups of rising popularity share the interactions alike. */
  groups(count: number): Uint8Array;
  /** Items of the catalogue. */
  readonly catalogue: number;
  /** The student's present scores of the list's items, then of the unlisted candidates. */
  student(): Float32Array;
}

/** One user's candidates: the teacher's first `listed` items best first, then items it did not list. */
export interface Candidates {
  /** How many of the leading candidates the teacher listed. */
  readonly listed: number;
  /** How many of those its pick put first; where it says nothing, all. */
  readonly above?: number;
  /** The student's scores, one a candidate. */
  readonly student: Float32Array;
  /** The teacher's scores of the listed candidates. */
  readonly teacher: Float32Array;
  /** Items of the catalogue. */
  readonly items: number;
}

/** Places that a loss takes of a list: `listed` of them, the first `above` apart from the rest. */
export type Picked = Pick<Required<Candidates>, "listed" | "above">;
