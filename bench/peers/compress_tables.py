"""What FAISS's product and scalar quantisers and ONNX Runtime's quantize_dynamic make of a factor model, in bytes and quality.

    python bench/peers/compress_tables.py ARTIFACT DATA

ARTIFACT is the folder of a sealed factor teacher (tables.safetensors with `user` and `item`), DATA that of its data in
LightGCN's split (train.txt, test.txt). Each quantiser is fitted to both tables; queries are quantised users, too, since
a model's bytes are those of both. One JSON line a method: bytes of codes and codebooks (of the ONNX file for
quantize_dynamic), recall@20 and NDCG@20 of the test part by full ranking.
"""

import json
import os
import sys
import tempfile

import faiss
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnxruntime import InferenceSession
from onnxruntime.quantization import quantize_dynamic
from safetensors.numpy import load_file

K = 20


def lines(path):
    rows = {}
    with open(path) as file:
        for line in file:
            user, *items = map(int, line.split())
            rows[user] = np.array(items)
    return rows


def quality(scores, users, train, test):
    """Means over the users with a test part; `scores(block)` gives a row of scores a user."""
    gains = 1 / np.log2(np.arange(2, K + 2))
    recall, ndcg = [], []
    for start in range(0, len(users), 512):
        block = users[start : start + 512]
        rows = scores(block)
        for row, user in zip(rows, block):
            row[train.get(user, [])] = -np.inf
            wanted = test[user]
            top = np.argpartition(row, -K)[-K:]
            hits = np.isin(top[np.argsort(-row[top], kind="stable")], wanted)
            recall.append(hits.sum() / len(wanted))
            ndcg.append((hits * gains).sum() / gains[: min(K, len(wanted))].sum())
    return {"recall@20": round(float(np.mean(recall)), 4), "ndcg@20": round(float(np.mean(ndcg)), 4)}


def by_faiss(make, tables):
    """Both tables encoded and decoded again, and the bytes of their codes and of what decodes them."""
    decoded, size = [], 0
    for table in tables:
        coder = make(table.shape[1])
        coder.train(table)
        codes = coder.compute_codes(table)
        decoded.append(coder.decode(codes))
        book = faiss.vector_to_array(coder.centroids if hasattr(coder, "centroids") else coder.trained)
        size += codes.nbytes + book.nbytes
    return decoded, size


def graph(user, item):
    """scores = users' rows · items' rowsᵀ, as a file that names its two tables."""
    nodes = [
        helper.make_node("Gather", ["user_table", "user"], ["query"]),
        helper.make_node("MatMul", ["query", "item_table"], ["scores"]),
    ]
    tables = [
        numpy_helper.from_array(user, "user_table"),
        numpy_helper.from_array(np.ascontiguousarray(item.T), "item_table"),
    ]
    given = [helper.make_tensor_value_info("user", TensorProto.INT64, ["batch"])]
    made = [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["batch", len(item)])]
    body = helper.make_graph(nodes, "factors", given, made, tables)
    return helper.make_model(body, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def main(artifact, data):
    held = load_file(os.path.join(artifact, "tables.safetensors"))
    with open(os.path.join(artifact, "manifest.json")) as file:
        shapes = json.load(file)["tables"]
    user, item = (held[f"{name}.data"].reshape(shapes[name]["rows"], shapes[name]["cols"]) for name in ("user", "item"))
    train, test = lines(os.path.join(data, "train.txt")), lines(os.path.join(data, "test.txt"))
    users = np.array(sorted(u for u, items in test.items() if len(items) > 0))

    def say(name, size, scores):
        print(json.dumps({"method": name, "bytes": int(size), **quality(scores, users, train, test)}), flush=True)

    scalar = faiss.ScalarQuantizer
    methods = {
        "FAISS SQ8": lambda d: scalar(d, scalar.QT_8bit),
        "FAISS SQ4": lambda d: scalar(d, scalar.QT_4bit),
        "FAISS PQ16x6": lambda d: faiss.ProductQuantizer(d, 16, 6),
        "FAISS PQ8x8": lambda d: faiss.ProductQuantizer(d, 8, 8),
        "FAISS PQ8x4": lambda d: faiss.ProductQuantizer(d, 8, 4),
    }
    for name, make in methods.items():
        (u, i), size = by_faiss(make, (user, item))
        say(name, size, lambda block: u[block] @ i.T)
    with tempfile.TemporaryDirectory() as folder:
        whole, small = os.path.join(folder, "whole.onnx"), os.path.join(folder, "small.onnx")
        onnx.save(graph(user, item), whole)
        quantize_dynamic(whole, small)
        session = InferenceSession(small)
        say("ONNX Runtime quantize_dynamic", os.path.getsize(small), lambda block: session.run(None, {"user": block})[0])


if __name__ == "__main__":
    main(*sys.argv[1:])
