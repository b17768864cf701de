// One linear memory, shared by every kernel and every typed array that a kernel touches. Arrays are handed out by
// scopes and given back together; an array's address is its byteOffset.

const ALIGN = 64;
const PAGE = 65536;

/** Hands out arrays inside kernel memory until free(); everything it gave is invalid afterwards. */
export interface Scope {
  /** A zeroed float32 array of n elements. */
  f32(n: number): Float32Array;
  f64(n: number): Float64Array;
  i32(n: number): Int32Array;
  u32(n: number): Uint32Array;
  u8(n: number): Uint8Array;
  /** A copy of an array from outside. */
  copy<A extends Float32Array | Float64Array | Int32Array | Uint32Array | Uint8Array>(values: A): A;
  free(): void;
}

/** First-fit allocator over a WebAssembly memory; neighbouring free blocks merge. */
export class Heap {
  readonly memory: WebAssembly.Memory;
  readonly #growable: boolean;
  #free: { at: number; bytes: number }[] = [];
  readonly #base: number;
  #end: number;
  #most: number;

  /** `base` is the first byte after the module's own data; only a shared memory may grow (its views stay valid). */
  constructor(memory: WebAssembly.Memory, base: number, growable: boolean) {
    this.memory = memory;
    this.#growable = growable;
    this.#base = Math.ceil(base / ALIGN) * ALIGN;
    this.#end = this.#base;
    this.#most = this.#base;
  }

  /** How far arrays have reached at most, in bytes from the first. */
  get peak(): number {
    return this.#most - this.#base;
  }

  alloc(bytes: number): number {
    const size = Math.max(ALIGN, Math.ceil(bytes / ALIGN) * ALIGN);
    const index = this.#free.findIndex((block) => block.bytes >= size);
    if (index >= 0) {
      const block = this.#free[index]!;
      if (block.bytes === size) this.#free.splice(index, 1);
      else this.#free[index] = { at: block.at + size, bytes: block.bytes - size };
      return block.at;
    }
    const at = this.#end;
    const missing = at + size - this.memory.buffer.byteLength;
    if (missing > 0) this.#grow(missing, size);
    this.#end += size;
    this.#most = Math.max(this.#most, this.#end);
    return at;
  }

  release(at: number, bytes: number): void {
    const size = Math.max(ALIGN, Math.ceil(bytes / ALIGN) * ALIGN);
    let index = this.#free.findIndex((block) => block.at > at);
    if (index < 0) index = this.#free.length;
    this.#free.splice(index, 0, { at, bytes: size });
    for (const i of [index, index - 1]) {
      const left = this.#free[i];
      const right = this.#free[i + 1];
      if (left && right && left.at + left.bytes === right.at) {
        this.#free.splice(i, 2, { at: left.at, bytes: left.bytes + right.bytes });
      }
    }
    const last = this.#free.at(-1);
    if (last && last.at + last.bytes === this.#end) {
      this.#end = last.at;
      this.#free.pop();
    }
  }

  #grow(missing: number, size: number): void {
    const room = `kernel memory: ${size} more bytes do not fit beside the ${this.#end} in use`;
    if (!this.#growable) throw new RangeError(`${room}; this memory has a fixed size.`);
    try {
      this.memory.grow(Math.ceil(missing / PAGE));
    } catch {
      throw new RangeError(`${room}; one memory holds 4 GiB at most. Use fewer dimensions or a sparse model.`);
    }
  }
}

/** A scope over `heap`. */
export function openScope(heap: Heap): Scope {
  let given: { at: number; bytes: number }[] = [];
  // The buffer is read after alloc: growing a shared memory makes a new, longer one.
  const take = (bytes: number): [buffer: ArrayBufferLike, at: number] => {
    const at = heap.alloc(bytes);
    given.push({ at, bytes });
    new Uint8Array(heap.memory.buffer, at, bytes).fill(0);
    return [heap.memory.buffer, at];
  };
  const scope: Scope = {
    f32: (n) => new Float32Array(...take(n * 4), n),
    f64: (n) => new Float64Array(...take(n * 8), n),
    i32: (n) => new Int32Array(...take(n * 4), n),
    u32: (n) => new Uint32Array(...take(n * 4), n),
    u8: (n) => new Uint8Array(...take(n), n),
    copy(values) {
      const Type = values.constructor as new (buffer: ArrayBufferLike, at: number, n: number) => typeof values;
      const inside = new Type(...take(values.byteLength), values.length);
      inside.set(values);
      return inside;
    },
    free() {
      for (const { at, bytes } of given) heap.release(at, bytes);
      given = [];
    },
  };
  return scope;
}
