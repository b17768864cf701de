// Two kinds of failure: what a user can fix (UserError: one sentence, exit 2, no stack) and what only we can (bug).

/** A sentence for the person who can fix it: where, what, got, do. Printed without a stack; the process exits 2. */
export class UserError extends Error {
  override readonly name = "UserError";
}

/** Throws for a broken promise inside distilrec; the message names the promise. */
export function bug(message: string): never {
  throw new Error(`This is a bug in distilrec: ${message}`);
}

/** The value, or a bug that names what was missing. */
export function must<T>(value: T | null | undefined, what: string): T {
  if (value === null || value === undefined) bug(`${what} is missing`);
  return value;
}

/** What the work resolves to; a UserError of it begins with `where`. */
export async function prefixed<T>(where: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw error instanceof UserError ? new UserError(`${where}: ${error.message}`) : error;
  }
}

/** "Did you mean …?" for a mistyped name, or the list of known names when nothing is near. */
export function suggest(got: string, known: readonly string[]): string {
  let best = "";
  let bestDistance = Math.max(2, Math.floor(got.length / 3)) + 1;
  for (const name of known) {
    const d = editDistance(got.toLowerCase(), name.toLowerCase());
    if (d < bestDistance) [best, bestDistance] = [name, d];
  }
  return best ? `Did you mean "${best}"?` : `Known: ${known.join(", ")}.`;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitution, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
