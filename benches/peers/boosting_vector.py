"""Writes test-vectors/xgboost-shap.json: a small XGBoost model, rows, its predictions and its pred_contribs.

usage: boosting_vector.py > test-vectors/xgboost-shap.json
"""
import json
import os
import tempfile

import numpy as np
import xgboost as xgb

rng = np.random.default_rng(4)
x = rng.normal(size=(300, 5)).astype("f4")
x[rng.random(x.shape) < 0.08] = np.nan
z = np.nan_to_num(x)
y = 3 * z[:, 0] + np.where(z[:, 1] > 0, z[:, 2] * 2, -1) + np.abs(z[:, 3]) + 0.1 * rng.normal(size=300)
model = xgb.train(
    {"tree_method": "hist", "max_depth": 4, "max_bin": 32, "eta": 0.3, "base_score": 0.5, "nthread": 1},
    xgb.DMatrix(x, y), num_boost_round=6,
)
path = os.path.join(tempfile.mkdtemp(), "model.json")
model.save_model(path)
rows = x[:24]
data = xgb.DMatrix(rows)
print(json.dumps({
    "origin": f"XGBoost {xgb.__version__} (Debian python3-xgboost), benches/peers/boosting_vector.py",
    "rows": [[None if np.isnan(v) else float(v) for v in row] for row in rows],
    "predictions": model.predict(data).tolist(),
    "contributions": model.predict(data, pred_contribs=True).tolist(),
    "model": json.load(open(path)),
}))
