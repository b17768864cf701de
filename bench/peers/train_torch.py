#!/usr/bin/env python3
"""Training steps in PyTorch of the models that bench/peers-train.bench.ts times on our engine: same shapes, same work.

Started with a model's name, a number of threads and what the embeddings' gradients are: "sparse" with SparseAdam, which
does the same work as ours (rows of a batch only), or "dense" with the fused Adam over whole tables, which is more work but
often less time in PyTorch. Each line of stdin, a number of steps, is answered on stdout by one line of JSON:
{"seconds": wall, "cpu": processor seconds, "peakMB": largest resident size so far}. Batches are made before the clock
starts. Dense weights use the fused Adam, attention is scaled_dot_product_attention.
"""
import json
import sys
import time

import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy, scaled_dot_product_attention, softplus

FIELDS, ROWS, NUMERIC, D, BATCH = 26, 10_000, 13, 16, 4096
SPARSE = sys.argv[3] == "sparse"


def mlp(*widths):
    layers = []
    for a, b in zip(widths, widths[1:]):
        layers += [nn.Linear(a, b), nn.ReLU()]
    return nn.Sequential(*layers)


class Click(nn.Module):
    """What the click models share: one sparse table over all fields, and the labels' cross-entropy."""

    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(FIELDS * ROWS, D, sparse=SPARSE)
        nn.init.normal_(self.table.weight, std=0.01)

    def batch(self):
        ids = torch.randint(ROWS, (BATCH, FIELDS)) + ROWS * torch.arange(FIELDS)
        return ids, torch.randn(BATCH, NUMERIC), (torch.rand(BATCH) < 0.3).float()

    def loss(self, ids, numeric, label):
        return binary_cross_entropy_with_logits(self.logits(ids, numeric), label)


class DeepFM(Click):
    def __init__(self):
        super().__init__()
        self.first = nn.Embedding(FIELDS * ROWS, 1, sparse=SPARSE)
        self.deep = nn.Sequential(mlp(FIELDS * D, 400, 400, 400), nn.Linear(400, 1))
        self.bias = nn.Parameter(torch.zeros(1))

    def logits(self, ids, _numeric):
        e = self.table(ids)
        pairs = 0.5 * (e.sum(1).square() - e.square().sum(1)).sum(1)
        return self.first(ids).sum((1, 2)) + pairs + self.deep(e.flatten(1)).squeeze(1) + self.bias


class DCNv2(Click):
    def __init__(self):
        super().__init__()
        self.cross = nn.ModuleList(nn.Linear(FIELDS * D, FIELDS * D) for _ in range(3))
        self.deep = mlp(FIELDS * D, 400, 400, 400)
        self.head = nn.Linear(FIELDS * D + 400, 1)

    def logits(self, ids, _numeric):
        start = x = self.table(ids).flatten(1)
        for layer in self.cross:
            x = start * layer(x) + x
        return self.head(torch.cat([x, self.deep(start)], 1)).squeeze(1)


class DLRM(Click):
    def __init__(self):
        super().__init__()
        self.bottom = mlp(NUMERIC, 512, 256, 64, D)
        self.top = nn.Sequential(mlp(D + 27 * 26 // 2, 512, 256), nn.Linear(256, 1))
        self.upper = torch.triu_indices(27, 27, 1)

    def logits(self, ids, numeric):
        x = self.bottom(numeric)
        all_fields = torch.cat([x.unsqueeze(1), self.table(ids)], 1)
        dots = torch.bmm(all_fields, all_fields.transpose(1, 2))[:, self.upper[0], self.upper[1]]
        return self.top(torch.cat([x, dots], 1)).squeeze(1)


class TwoTower(nn.Module):
    def __init__(self):
        super().__init__()
        self.users, self.items = (nn.Embedding(n, 64, sparse=SPARSE) for n in (100_000, 50_000))
        self.user_tower, self.item_tower = (nn.Sequential(mlp(64, 128), nn.Linear(128, 64)) for _ in range(2))

    def batch(self):
        return torch.randint(100_000, (1024,)), torch.randint(50_000, (1024,)), -9 * torch.rand(1024)

    def loss(self, user, item, log_q):
        scores = self.user_tower(self.users(user)) @ self.item_tower(self.items(item)).T
        repeated = (item[:, None] == item[None, :]) & ~torch.eye(len(item), dtype=torch.bool)
        scores = (scores - log_q).masked_fill(repeated, -1e9)
        return cross_entropy(scores, torch.arange(len(item)))


class Block(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(d, eps=1e-8), nn.LayerNorm(d, eps=1e-8)
        self.q, self.k, self.v, self.o, self.w1, self.w2 = (nn.Linear(d, d) for _ in range(6))
        self.drop = nn.Dropout(0.2)

    def forward(self, x):
        y = self.norm1(x)
        x = x + self.drop(self.o(scaled_dot_product_attention(self.q(y), self.k(y), self.v(y), is_causal=True)))
        return x + self.drop(self.w2(self.drop(torch.relu(self.w1(self.norm2(x))))))


class SASRec(nn.Module):
    """Beauty's size: 12,101 items, 50 positions, d = 64, two blocks, one head, batch 128, one negative a position."""

    def __init__(self):
        super().__init__()
        self.items = nn.Embedding(12_102, 64, sparse=SPARSE)
        self.positions = nn.Parameter(0.01 * torch.randn(50, 64))
        self.blocks = nn.ModuleList(Block(64) for _ in range(2))
        self.norm = nn.LayerNorm(64, eps=1e-8)
        self.drop = nn.Dropout(0.2)

    def batch(self):
        return tuple(torch.randint(1, 12_102, (128, 50)) for _ in range(3))

    def loss(self, history, positive, negative):
        x = self.drop(self.items(history) * 8 + self.positions)
        for block in self.blocks:
            x = block(x)
        x = self.norm(x)
        good, bad = ((x * self.items(ids)).sum(2) for ids in (positive, negative))
        return (softplus(-good) + softplus(bad)).mean()


MODELS = {"deepfm": DeepFM, "dcnv2": DCNv2, "dlrm": DLRM, "two-tower": TwoTower, "sasrec": SASRec}


def peak_megabytes():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) // 1024


def main(name, threads, _):
    torch.set_num_threads(int(threads))
    torch.manual_seed(1)
    model = MODELS[name]()
    tables = [m.weight for m in model.modules() if isinstance(m, nn.Embedding)]
    dense = [w for w in model.parameters() if all(w is not t for t in tables)]
    if SPARSE:
        optimizers = [torch.optim.SparseAdam(tables, lr=1e-3), torch.optim.Adam(dense, lr=1e-3, fused=True)]
    else:
        optimizers = [torch.optim.Adam(tables + dense, lr=1e-3, fused=True)]
    batches = [model.batch() for _ in range(4)]

    def step(batch):
        for optimizer in optimizers:
            optimizer.zero_grad()
        loss = model.loss(*batch)
        loss.backward()
        for optimizer in optimizers:
            optimizer.step()
        return loss.item()

    print(json.dumps({"torch": torch.__version__, "threads": torch.get_num_threads()}), flush=True)
    for line in sys.stdin:
        wall, cpu = time.perf_counter(), time.process_time()
        for i in range(int(line)):
            step(batches[i % len(batches)])
        seconds, processor = time.perf_counter() - wall, time.process_time() - cpu
        print(json.dumps({"seconds": seconds, "cpu": processor, "peakMB": peak_megabytes()}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
