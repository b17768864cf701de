// Readable names for the categories and items of a world, so that a report's lists can be judged by eye.

const subjects =
  "mystery comedy romance travel history science fantasy cooking music sport nature crime drama art adventure war".split(
    " ",
  );
const adjectives =
  "amber bright broken burning calm cold crimson distant early electric empty fading final first forgotten frozen gentle golden hidden hollow inner iron last late little lonely long lost lucky midnight narrow northern open pale paper quiet red restless rising salt second secret silent silver slow small southern stolen strange sudden tender third velvet wandering white wild winter".split(
    " ",
  );
const nouns =
  "harbour river garden letter window mountain orchard bridge lantern island forest market mirror station summer shadow compass feather kitchen library meadow ocean parade quarry railway sister theatre valley voyage anchor ballad canyon cathedral clockmaker desert echo festival glacier hunter inventor journey kingdom lighthouse machine neighbour oath painter question rebellion season tailor umbrella village whisper".split(
    " ",
  );

/** Names for n categories. */
export function nameCategories(n: number): string[] {
  return Array.from({ length: n }, (_, c) => {
    const again = Math.floor(c / subjects.length);
    return subjects[c % subjects.length]! + (again ? ` ${again + 1}` : "");
  });
}

/** A distinct title for item i: adjective, noun and, past the first round, a number. */
export function makeTitle(i: number, category: string): string {
  // 37 is prime to both lists' product: neighbours differ in both words.
  const place = (i * 37) % (adjectives.length * nouns.length);
  const round = Math.floor(i / (adjectives.length * nouns.length));
  const [adjective, noun] = [adjectives[place % adjectives.length]!, nouns[Math.floor(place / adjectives.length)]!];
  const words = `The ${adjective[0]!.toUpperCase()}${adjective.slice(1)} ${noun[0]!.toUpperCase()}${noun.slice(1)}`;
  return `${words}${round ? ` ${round + 1}` : ""} (${category})`;
}
