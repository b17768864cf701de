// Kernels for a page, those of assembly/page.ts: a memory of a fixed size, one thread, no cross-origin isolation needed.

import { instantiate, type Kernels } from "./kernels.ts";
import { wasmBase64 } from "./wasm-page.ts";

/** Opens kernels with room for `bytes` of arrays. */
export function openPageKernels(bytes: number): Promise<Kernels> {
  const initial = Math.ceil((bytes + 65536) / 65536) + 16;
  return instantiate(wasmBase64, new WebAssembly.Memory({ initial }), { growable: false });
}
