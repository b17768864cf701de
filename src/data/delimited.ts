// Splitting one line of a delimited text into fields. For headers and title lists; big files go through DuckDB.

/** The fields of a line; with `quoted`, a field may stand in double quotes, doubled inside (RFC 4180). */
export function splitLine(line: string, delimiter: string, quoted: boolean): string[] {
  if (!quoted || !line.includes('"')) return line.split(delimiter);
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    let field = "";
    if (line[at] === '"') {
      let end = line.indexOf('"', at + 1);
      while (end >= 0 && line[end + 1] === '"') {
        field += line.slice(at + 1, end + 1);
        at = end + 1;
        end = line.indexOf('"', at + 1);
      }
      const close = end < 0 ? line.length : end;
      field += line.slice(at + 1, close);
      at = close + 1;
    }
    const next = line.indexOf(delimiter, at);
    field += line.slice(at, next < 0 ? line.length : next);
    fields.push(field);
    if (next < 0) return fields;
    at = next + delimiter.length;
  }
}

/** The lines of a text without their ends, the byte order mark and empty lines. */
export function splitLines(text: string): string[] {
  return text
    .replace(/^\uFEFF/, "")
    .split(/\r\n|\n|\r/)
    .filter((line) => line !== "");
}
