#!/usr/bin/env python3
"""LightGCN in PyTorch, training batches on request: the same mathematics as the authors' code, written for this bench.

Each batch propagates the whole graph three times with torch.sparse.mm (and again backward), takes BPR on 2,048 triples
and one Adam step on every row. Started by bench/peers-lightgcn.bench.ts with the path of train.txt and the number of
threads. Each line of stdin, a number of batches, is answered on stdout by one line of JSON:
{"seconds": wall, "cpu": processor seconds}. Drawing the triples is not in the figures.
"""
import json
import sys
import time

import numpy as np
import scipy.sparse as sp
import torch
from torch.nn.functional import softplus

LAYERS, WIDTH, BATCH, DECAY, RATE = 3, 64, 2048, 1e-4, 1e-3


def read(path):
    users, items = [], []
    for line in open(path):
        user, *taken = map(int, line.split())
        users += [user] * len(taken)
        items += taken
    return np.array(users), np.array(items)


def normalized(users, items):
    """The adjacency of the bipartite graph, D^-1/2 A D^-1/2, as a coalesced COO tensor like the authors'."""
    count = users.max() + 1
    rows, columns = np.concatenate([users, items + count]), np.concatenate([items + count, users])
    graph = sp.coo_matrix((np.ones(len(rows), np.float32), (rows, columns))).tocsr()
    degree = np.asarray(graph.sum(1)).ravel()
    scale = sp.diags(1 / np.sqrt(np.maximum(degree, 1)))
    graph = (scale @ graph @ scale).tocoo().astype(np.float32)
    index = torch.from_numpy(np.stack([graph.row, graph.col]).astype(np.int64))
    return torch.sparse_coo_tensor(index, torch.from_numpy(graph.data), graph.shape).coalesce()


def main(path, threads):
    torch.set_num_threads(int(threads))
    torch.sparse.check_sparse_tensor_invariants.disable()
    torch.manual_seed(1)
    users, items = read(path)
    graph = normalized(users, items)
    count, item_count = users.max() + 1, items.max() + 1
    user_rows = torch.nn.Parameter(0.1 * torch.randn(count, WIDTH))
    item_rows = torch.nn.Parameter(0.1 * torch.randn(item_count, WIDTH))
    adam = torch.optim.Adam([user_rows, item_rows], lr=RATE)
    draws = np.random.default_rng(1)

    def batch(user, item, other):
        layer = torch.cat([user_rows, item_rows])
        layers = [layer]
        for _ in range(LAYERS):
            layer = torch.sparse.mm(graph, layer)
            layers.append(layer)
        smooth_users, smooth_items = torch.split(torch.stack(layers, 1).mean(1), [count, item_count])
        u, i, j = smooth_users[user], smooth_items[item], smooth_items[other]
        loss = softplus((u * j).sum(1) - (u * i).sum(1)).mean()
        own = [user_rows[user], item_rows[item], item_rows[other]]
        loss = loss + DECAY / 2 * sum(rows.pow(2).sum() for rows in own) / len(user)
        adam.zero_grad()
        loss.backward()
        adam.step()
        return loss.item()

    print(json.dumps({"torch": torch.__version__, "threads": torch.get_num_threads()}), flush=True)
    for line in sys.stdin:
        triples = []
        for _ in range(int(line)):
            positive = draws.integers(len(users), size=BATCH)
            negative = draws.integers(item_count, size=BATCH)
            triples.append([torch.from_numpy(x) for x in (users[positive], items[positive], negative)])
        wall, cpu = time.perf_counter(), time.process_time()
        for triple in triples:
            batch(*triple)
        print(json.dumps({"seconds": time.perf_counter() - wall, "cpu": time.process_time() - cpu}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
