/** The first byte that no kernel's constants use. */
export function heapBase(): usize {
  return __heap_base;
}
