#!/usr/bin/env python3
"""FAISS's product quantiser on random rows, trained and coded on request.

Started by bench/peers-faiss.bench.ts with rows, columns, pieces and threads. Each line of stdin (train | all) is answered on
stdout by one line of JSON: {"seconds": wall, "cpu": processor seconds}: of training alone, or with the codes of all rows.
"""
import json
import os
import sys
import time

rows, cols, pieces, threads = map(int, sys.argv[1:])
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[name] = str(threads)

import faiss
import numpy as np

faiss.omp_set_num_threads(threads)
rng = np.random.default_rng(1)
x = (rng.random((rows, cols), np.float32) + rng.random((rows, cols), np.float32) - 1).astype(np.float32)
print(f"faiss {faiss.__version__}, {threads} threads, {rows} rows of {cols}, {pieces} pieces", flush=True)
for line in sys.stdin:
    wall, cpu = time.perf_counter(), time.process_time()
    pq = faiss.ProductQuantizer(cols, pieces, 8)
    pq.train(x)
    if line.strip() == "all":
        pq.compute_codes(x)
    print(json.dumps({"seconds": time.perf_counter() - wall, "cpu": time.process_time() - cpu}), flush=True)
