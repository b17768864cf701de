// Numbers that come one by one into a typed array: a plain array would take at least twice the memory.

type Typed = Int32Array | Float64Array;

/** Starts empty; done() gives what was added, exactly as long. */
export function growing<T extends Typed>(type: new (length: number) => T): { add(value: number): void; done(): T } {
  let held = new type(1024);
  let n = 0;
  return {
    add(value) {
      if (n === held.length) {
        const wider = new type(Math.ceil(n * 1.5));
        wider.set(held);
        held = wider;
      }
      held[n++] = value;
    },
    done: () => held.slice(0, n) as T,
  };
}
