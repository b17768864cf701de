// Kernels over shared memory that grows to 4 GiB: what Node uses, with or without threads.

import { instantiate, type Kernels, type Workers } from "./kernels.ts";
import { wasmBase64 } from "./wasm-shared.ts";

/** Opens kernels whose arrays stay valid while the memory grows. */
export function openSharedKernels(
  startWorkers?: (module: WebAssembly.Module, memory: WebAssembly.Memory) => Workers,
): Promise<Kernels> {
  const memory = new WebAssembly.Memory({ initial: 16, maximum: 65536, shared: true });
  return instantiate(wasmBase64, memory, { growable: true, ...(startWorkers && { startWorkers }) });
}
