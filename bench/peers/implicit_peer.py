#!/usr/bin/env python3
"""implicit's BPR and ALS on interactions in "user item item ..." lines, one epoch at a time, on request.

Started by bench/peers-implicit.bench.ts with the path of train.txt. Each line of stdin names a case,
    bpr 1 | als-cg 2 | als-exact 1        (the number: threads)
and is answered on stdout by one line of JSON: {"seconds": wall, "cpu": processor seconds}. Start-up, the reading of the
data and the first call of a case (which draws the factors) are not in the figures.
"""
import json
import os
import sys
import time

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # as implicit advises: it has its own threads

import implicit
import numpy as np
import scipy.sparse as sp
from implicit.cpu.als import AlternatingLeastSquares
from implicit.cpu.bpr import BayesianPersonalizedRanking

FACTORS = 64


def read(path):
    users, items = [], []
    for line in open(path):
        user, *taken = map(int, line.split())
        users += [user] * len(taken)
        items += taken
    return sp.csr_matrix((np.ones(len(users), np.float32), (users, items)))


def model(name, threads):
    if name == "bpr":
        return BayesianPersonalizedRanking(
            factors=FACTORS, learning_rate=0.05, regularization=0.01, iterations=1, num_threads=threads,
            verify_negative_samples=True, random_state=1,
        )
    return AlternatingLeastSquares(
        factors=FACTORS, regularization=0.1, alpha=11, use_native=True, use_cg=name == "als-cg", iterations=1,
        num_threads=threads, random_state=1,
    )


class Clock:
    """The time between the callbacks of two epochs: implicit's fit prepares before the first, tidies after the last."""

    def __init__(self):
        self.at = []

    def __call__(self, *_):
        self.at.append((time.perf_counter(), time.process_time()))

    def last(self):
        (w0, c0), (w1, c1) = self.at[-2:]
        return {"seconds": w1 - w0, "cpu": c1 - c0}


def main(path):
    matrix = read(path)
    print(json.dumps({"implicit": implicit.__version__, "interactions": matrix.nnz}), flush=True)
    for line in sys.stdin:
        name, threads = line.split()
        one = model(name, int(threads))
        one.iterations = 2
        clock = Clock()
        one.fit(matrix, show_progress=False, callback=clock)
        print(json.dumps(clock.last()), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
