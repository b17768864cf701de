#!/usr/bin/env python3
"""An epoch of BPR-MF as RecBole 1.2.1 trains it by default: two embeddings of 64 with dense gradients, Adam over all of
both, batches of 2,048 in a new order, one uniform negative a positive that is drawn again while it is in the user's set
(checked in a Python loop, as RecBole's sampler does), loss -log(1e-10 + sigmoid(positive - negative)), and a check for
NaN. It leaves out RecBole's progress bar, data frames and configuration; RecBole itself wants older pandas, ray and
NumPy than PyTorch 2.15 goes with.

Started with a file of lines "user item item ..."; each line of stdin, a number of threads, is answered by one line of
JSON: {"seconds": wall, "cpu": processor seconds}.
"""
import json
import sys
import time

import numpy as np
import torch
from torch import nn

D, BATCH = 64, 2048


def read(path):
    rows = [line.split() for line in open(path)]
    used = {int(row[0]): set(map(int, row[1:])) for row in rows if row}
    users = np.concatenate([np.full(len(items), user) for user, items in used.items()])
    items = np.concatenate([np.fromiter(items, int) for items in used.values()])
    return used, users, items


def negatives(users, used, count):
    drawn = np.zeros(len(users), dtype=np.int64)
    open_places = np.arange(len(users))
    while len(open_places) > 0:
        drawn[open_places] = np.random.randint(0, count, len(open_places))
        open_places = np.array([i for i in open_places if drawn[i] in used[users[i]]], dtype=np.int64)
    return drawn


def main(path):
    torch.manual_seed(1)
    np.random.seed(1)
    used, users, items = read(path)
    count = int(items.max()) + 1
    user_rows, item_rows = nn.Embedding(int(users.max()) + 1, D), nn.Embedding(count, D)
    for table in (user_rows, item_rows):
        nn.init.xavier_normal_(table.weight)
    optimizer = torch.optim.Adam([user_rows.weight, item_rows.weight], lr=1e-3)
    interactions = torch.from_numpy(users), torch.from_numpy(items)

    def epoch():
        order = torch.randperm(len(users))
        total = 0.0
        for start in range(0, len(order), BATCH):
            user, positive = (column[order[start : start + BATCH]] for column in interactions)
            negative = torch.from_numpy(negatives(user.numpy(), used, count))
            optimizer.zero_grad()
            u = user_rows(user)
            good, bad = ((u * item_rows(ids)).sum(1) for ids in (positive, negative))
            loss = -torch.log(1e-10 + torch.sigmoid(good - bad)).mean()
            total += loss.item()
            if torch.isnan(loss):
                raise ValueError("the loss is NaN")
            loss.backward()
            optimizer.step()
        return total

    print(json.dumps({"torch": torch.__version__, "triples": len(users)}), flush=True)
    for line in sys.stdin:
        torch.set_num_threads(int(line))
        wall, cpu = time.perf_counter(), time.process_time()
        epoch()
        print(json.dumps({"seconds": time.perf_counter() - wall, "cpu": time.process_time() - cpu}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
