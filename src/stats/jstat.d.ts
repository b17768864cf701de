// The part of jstat that is used here; the package ships no types.

declare module "jstat" {
  interface Distribution<P extends readonly number[]> {
    cdf(x: number, ...parameters: P): number;
    inv(p: number, ...parameters: P): number;
  }
  export const jStat: {
    readonly normal: Distribution<[mean: number, deviation: number]>;
    readonly studentt: Distribution<[degrees: number]>;
    readonly chisquare: Distribution<[degrees: number]>;
    readonly binomial: { cdf(k: number, n: number, p: number): number };
  };
  const exported: { readonly jStat: typeof jStat };
  export default exported;
}
