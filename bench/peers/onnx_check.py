#!/usr/bin/env python3
"""Runs the official ONNX checker over model files and prints one line for each; needs `pip install onnx`.

    python bench/peers/onnx_check.py runs/demo/artifacts/*/model.onnx
"""
import sys

import onnx
from onnx import checker, shape_inference


def main(paths):
    failed = 0
    for path in paths:
        try:
            model = onnx.load(path)
            checker.check_model(model, full_check=True)
            shape_inference.infer_shapes(model, strict_mode=True, data_prop=True)
            opset = ", ".join(f"{o.domain or 'ai.onnx'} {o.version}" for o in model.opset_import)
            print(f"ok    {path}: IR {model.ir_version}, {opset}, {len(model.graph.node)} nodes")
        except Exception as error:  # the checker and protobuf raise many kinds
            failed += 1
            print(f"FAIL  {path}: {error}")
    print(f"{len(paths) - failed} passed, {failed} failed (onnx {onnx.__version__})")
    return 1 if failed or not paths else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
