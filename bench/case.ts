// A quality case: one measured claim about what distilrec reaches, run by name with `npm run quality -- NAME`.
// bench/quality/<name>.ts exports one as its default; speed is measured by bench/<name>.bench.ts instead.

export interface QualityContext {
  /** The folder of a named set of test data; a sentence for the user where it is not on this machine. */
  data(set: string): string;
  /** Says how far it is, on stderr. */
  note(line: string): void;
}

export type Figures = Readonly<Record<string, number | string>>;

export interface QualityCase {
  /** The file's name without its ending. */
  readonly name: string;
  /** What it measures and what it must reach, in a sentence. */
  readonly summary: string;
  run(context: QualityContext): Promise<Figures>;
}

export const defineCase = (one: QualityCase): QualityCase => one;
