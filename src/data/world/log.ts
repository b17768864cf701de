// The record of a world: one row an exposure, in arrays that grow.

export interface Log {
  readonly clicks: { user: Int32Array; item: Int32Array; value: Float32Array; time: Float64Array };
  readonly satisfaction: Float32Array;
  readonly exposures: {
    readonly user: Int32Array;
    readonly item: Int32Array;
    readonly time: Float64Array;
    readonly propensity: Float64Array;
    /** 1 where the person clicked. */
    readonly clicked: Uint8Array;
  };
}

/** A log with room for `size` exposures, growing when full. */
export function openLog(size: number) {
  let room = Math.max(16, size);
  let user = new Int32Array(room);
  let item = new Int32Array(room);
  let time = new Float64Array(room);
  let propensity = new Float64Array(room);
  let clicked = new Uint8Array(room);
  let n = 0;
  const grow = () => {
    room *= 2;
    const larger = <T extends Int32Array | Float64Array | Uint8Array>(array: T, next: T): T => {
      next.set(array);
      return next;
    };
    user = larger(user, new Int32Array(room));
    item = larger(item, new Int32Array(room));
    time = larger(time, new Float64Array(room));
    propensity = larger(propensity, new Float64Array(room));
    clicked = larger(clicked, new Uint8Array(room));
  };
  return {
    add(u: number, i: number, at: number, p: number, click: boolean): void {
      if (n === room) grow();
      user[n] = u;
      item[n] = i;
      time[n] = at;
      propensity[n] = p;
      clicked[n] = click ? 1 : 0;
      n++;
    },
    done: (): Log["exposures"] => ({
      user: user.slice(0, n),
      item: item.slice(0, n),
      time: time.slice(0, n),
      propensity: propensity.slice(0, n),
      clicked: clicked.slice(0, n),
    }),
  };
}

/** The clicked exposures, each of value 1. */
export function clicksOf(exposures: Log["exposures"], count: number): Log["clicks"] {
  const clicks = {
    user: new Int32Array(count),
    item: new Int32Array(count),
    value: new Float32Array(count).fill(1),
    time: new Float64Array(count),
  };
  for (let e = 0, n = 0; n < count; e++) {
    if (!exposures.clicked[e]) continue;
    clicks.user[n] = exposures.user[e]!;
    clicks.item[n] = exposures.item[e]!;
    clicks.time[n] = exposures.time[e]!;
    n++;
  }
  return clicks;
}
