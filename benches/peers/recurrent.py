"""Runs PyTorch's own recurrent layers on windows and weights that the bench wrote, on one thread.

Only runs an existing engine: nothing is implemented here. Commands on standard input, one JSON answer a line:
{"folder", "cell", "features", "hidden", "steps", "horizon", "count", "batch", "rate"} loads,
"train" trains one pass from parameters.bin with a fresh Adam (order in order.bin), "predict" forecasts all windows;
answers carry processor seconds.
"""
import json
import sys
import time

import torch

torch.set_num_threads(1)


def floats(path, *shape):
    return torch.frombuffer(bytearray(open(path, "rb").read()), dtype=torch.float32).reshape(*shape).clone()


setup = json.loads(sys.stdin.readline())
folder, count, batch = setup["folder"], setup["count"], setup["batch"]
inputs = floats(folder + "/inputs.bin", count, setup["steps"], setup["features"])
changes = floats(folder + "/changes.bin", count, setup["horizon"])
layer = (torch.nn.GRU if setup["cell"] == "gru" else torch.nn.LSTM)(
    setup["features"], setup["hidden"], batch_first=True
)
head = torch.nn.Linear(setup["hidden"], setup["horizon"])
parameters = list(layer.parameters()) + list(head.parameters())


def load():
    flat = floats(folder + "/parameters.bin", -1)
    offset = 0
    with torch.no_grad():
        for parameter in parameters:
            size = parameter.numel()
            parameter.copy_(flat[offset : offset + size].reshape(parameter.shape))
            offset += size
    if offset != flat.numel():
        raise SystemExit(f"{flat.numel()} parameters for a network of {offset}")


def answer(start, **facts):
    print(json.dumps({"seconds": time.process_time() - start, **facts}), flush=True)


print(json.dumps({"version": torch.__version__}), flush=True)
for line in sys.stdin:
    command = line.strip()
    start = time.process_time()
    if command == "train":
        load()
        optimiser = torch.optim.Adam(parameters, lr=setup["rate"])
        order = torch.frombuffer(bytearray(open(folder + "/order.bin", "rb").read()), dtype=torch.int32).long()
        total = 0.0
        for first in range(0, count, batch):
            chosen = order[first : first + batch]
            optimiser.zero_grad()
            output, _ = layer(inputs[chosen])
            loss = torch.nn.functional.mse_loss(head(output[:, -1]), changes[chosen])
            loss.backward()
            torch.nn.utils.clip_grad_norm_(parameters, 1.0)
            optimiser.step()
            total += loss.item() * len(chosen)
        answer(start, loss=total / count)
    elif command == "predict":
        with torch.no_grad():
            for first in range(0, count, 64):
                output, _ = layer(inputs[first : first + 64])
                head(output[:, -1])
        answer(start)
