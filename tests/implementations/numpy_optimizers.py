"""Optimizers whose arithmetic is numpy's, as somebody would write them from the papers with torch's conventions."""

import numpy as np
import torch


class NumpyOptimizer(torch.optim.Optimizer):
    """Steps every parameter by `update`, in place, on arrays that share its memory."""

    DEFAULTS: dict = {}

    def __init__(self, params, lr=None, **options):
        unknown = options.keys() - self.DEFAULTS.keys()
        if unknown:
            raise TypeError(f"{type(self).__name__} has no option {', '.join(sorted(unknown))}")
        defaults = {**self.DEFAULTS, **options}
        defaults["lr"] = self.DEFAULTS["lr"] if lr is None else lr
        super().__init__(params, defaults)

    @torch.no_grad()
    def step(self, closure=None):
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None:
                    state = self.state[parameter]
                    state["step"] = state.get("step", 0) + 1
                    gradient = parameter.grad.numpy()
                    self.update(parameter.numpy(), -gradient if group["maximize"] else gradient, state, group)
        return loss

    def update(self, x, g, state, group):
        raise NotImplementedError


class SGD(NumpyOptimizer):
    DEFAULTS = {"lr": 1e-3, "momentum": 0, "dampening": 0, "weight_decay": 0, "nesterov": False, "maximize": False}

    def update(self, x, g, state, group):
        x -= group["lr"] * self.direction(g + group["weight_decay"] * x, state, group)

    def direction(self, g, state, group):
        if not group["momentum"]:
            return g
        state["velocity"] = v = self.velocity(g, state, group)
        return self.ahead(g, v, group)

    def velocity(self, g, state, group):
        if "velocity" not in state:
            return g.copy()
        return group["momentum"] * state["velocity"] + (1 - group["dampening"]) * g

    def ahead(self, g, v, group):
        return g + group["momentum"] * v if group["nesterov"] else v


class Adagrad(NumpyOptimizer):
    DEFAULTS = {
        "lr": 1e-2,
        "lr_decay": 0,
        "weight_decay": 0,
        "initial_accumulator_value": 0,
        "eps": 1e-10,
        "maximize": False,
    }

    def update(self, x, g, state, group):
        g = g + group["weight_decay"] * x
        before = state.get("sum", np.full_like(x, group["initial_accumulator_value"]))
        state["sum"] = self.accumulated(before, g)
        rate = group["lr"] / (1 + (state["step"] - 1) * group["lr_decay"])
        x -= rate * self.ratio(g, state["sum"], group["eps"])

    def accumulated(self, before, g):
        return before + g * g

    def ratio(self, g, total, eps):
        return g / (np.sqrt(total) + eps)


class RMSprop(NumpyOptimizer):
    DEFAULTS = {"lr": 1e-2, "alpha": 0.99, "eps": 1e-8, "weight_decay": 0, "momentum": 0, "maximize": False}

    def update(self, x, g, state, group):
        g = g + group["weight_decay"] * x
        state["mean"] = self.mean(state.get("mean", np.zeros_like(x)), g, group["alpha"])
        d = self.ratio(g, state["mean"], group["eps"])
        if group["momentum"]:
            state["velocity"] = d = group["momentum"] * state.get("velocity", np.zeros_like(x)) + d
        x -= group["lr"] * d

    def mean(self, before, g, alpha):
        return alpha * before + (1 - alpha) * g * g

    def ratio(self, g, mean, eps):
        return g / (np.sqrt(mean) + eps)


class Adadelta(NumpyOptimizer):
    DEFAULTS = {"lr": 1.0, "rho": 0.9, "eps": 1e-6, "weight_decay": 0, "maximize": False}

    def update(self, x, g, state, group):
        g, rho, eps = g + group["weight_decay"] * x, group["rho"], group["eps"]
        squares, moves = (state.get(name, np.zeros_like(x)) for name in ("squares", "moves"))
        state["squares"] = squares = rho * squares + (1 - rho) * g * g
        d = np.sqrt(moves + eps) / np.sqrt(squares + eps) * g
        state["moves"] = self.moved(moves, d, rho)
        x -= group["lr"] * d

    def moved(self, moves, d, rho):
        return rho * moves + (1 - rho) * d * d


class Adam(NumpyOptimizer):
    DEFAULTS = {
        "lr": 1e-3,
        "betas": (0.9, 0.999),
        "eps": 1e-8,
        "weight_decay": 0,
        "amsgrad": False,
        "maximize": False,
    }

    def update(self, x, g, state, group):
        (b1, b2), t = group["betas"], state["step"]
        g = self.decayed(x, g, group)
        m, v = (state.get(name, np.zeros_like(x)) for name in ("m", "v"))
        state["m"], state["v"] = m, v = self.moments(m, v, g, b1, b2)
        if group["amsgrad"]:
            state["largest"] = v = self.largest(state.get("largest", np.zeros_like(x)), v)
        x -= group["lr"] * self.ratio(m, v, self.correction(b1, t), self.second_correction(b2, t), group["eps"])

    def decayed(self, x, g, group):
        return g + group["weight_decay"] * x

    def moments(self, m, v, g, b1, b2):
        return b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g * g

    def largest(self, largest, v):
        return np.maximum(largest, v)

    def correction(self, beta, t):
        return 1 - beta**t

    def second_correction(self, beta, t):
        return self.correction(beta, t)

    def ratio(self, m, v, c1, c2, eps):
        return m / c1 / (np.sqrt(v) / np.sqrt(c2) + eps)


class AdamW(Adam):
    DEFAULTS = {**Adam.DEFAULTS, "weight_decay": 1e-2}

    def decayed(self, x, g, group):
        x *= 1 - group["lr"] * group["weight_decay"]
        return g
