"""XGBoost's hist on the table of benches/boosting.ts: runs the engine as it is, prints one line of JSON.

usage: boosting.py FOLDER ROWS_TRAIN ROWS_TEST COLUMNS TREES DEPTH BINS
FOLDER holds train.f32 and test.f32 (columns one after the other) and train.f64, test.f64 (targets).
"""
import json
import os
import sys
import time

os.environ["OMP_NUM_THREADS"] = "1"
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np
import xgboost as xgb

folder = sys.argv[1]
n, m, columns, trees, depth, bins = map(int, sys.argv[2:8])


def read(name, rows):
    values = np.fromfile(f"{folder}/{name}.f32", dtype="<f4").reshape(columns, rows)
    return np.ascontiguousarray(values.T), np.fromfile(f"{folder}/{name}.f64", dtype="<f8")


x, y = read("train", n)
xt, yt = read("test", m)
parameters = {
    "tree_method": "hist", "max_depth": depth, "max_bin": bins, "eta": 0.1, "lambda": 1,
    "nthread": 1, "base_score": float(y.mean()), "objective": "reg:squarederror",
}
before = time.process_time()
data = xgb.DMatrix(x, y, nthread=1)
model = xgb.train(parameters, data, num_boost_round=trees)
cpu = time.process_time() - before
predicted = model.predict(xgb.DMatrix(xt, nthread=1))
print(json.dumps({"version": xgb.__version__, "cpu": cpu, "rmse": float(np.sqrt(np.mean((predicted - yt) ** 2)))}))
