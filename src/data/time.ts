// Times as people write them: Unix seconds, Unix milliseconds or ISO 8601. Inside, time is Unix seconds (UTC).

const iso = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)\s?(Z|[+-]\d{2}(?::?\d{2})?)?)?$/;

/** A number as Unix seconds: from 10¹¹ on (the year 5138 in seconds) it must be milliseconds. NaN beyond the year 5138. */
export function secondsOf(time: number): number {
  const size = Math.abs(time);
  return size < 1e11 ? time : size < 1e14 ? time / 1000 : Number.NaN;
}

/** Unix seconds of a text: a number as above, or an ISO 8601 date with or without a time (UTC unless it says else). NaN if neither. */
export function parseTime(text: string): number {
  const trimmed = text.trim();
  if (/^[+-]?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(trimmed)) return secondsOf(Number(trimmed));
  const found = iso.exec(trimmed);
  if (!found) return Number.NaN;
  const [, date, clock = "00:00", zone = "Z"] = found;
  const offset = zone === "Z" ? "Z" : zone.length === 3 ? `${zone}:00` : `${zone.slice(0, 3)}:${zone.slice(-2)}`;
  return Date.parse(`${date}T${clock}${offset}`) / 1000;
}
