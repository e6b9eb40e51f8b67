"""optax, the optimizers of JAX, as torch optimizers: gradients go over as float64 arrays, updates come back."""

import functools

import numpy as np
import torch


class OptaxOptimizer(torch.optim.Optimizer):
    """Steps every parameter by a chain of optax's, made from torch's options by `transformation`."""

    DEFAULTS: dict = {}

    def __init__(self, params, lr=None, **options):
        defaults = {**self.DEFAULTS, **options}
        unknown = options.keys() - self.DEFAULTS.keys()
        if unknown:
            raise TypeError(f"{type(self).__name__} has no option {', '.join(sorted(unknown))}")
        defaults["lr"] = self.DEFAULTS["lr"] if lr is None else lr
        super().__init__(params, defaults)

    @staticmethod
    def transformation(options):
        """The chain, without the learning rate, which may change from step to step."""
        raise NotImplementedError

    @classmethod
    @functools.cache
    def compiled(cls, options):
        """Start and update of the chain with these options, compiled once."""
        import jax

        chain = cls.transformation(dict(options))
        return jax.jit(chain.init), jax.jit(chain.update)

    @torch.no_grad()
    def step(self, closure=None):
        import jax

        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        with jax.enable_x64(True):
            for group in self.param_groups:
                for parameter in group["params"]:
                    if parameter.grad is None:
                        continue
                    state = self.state[parameter]
                    values = parameter.double().numpy()
                    options = {name: group[name] for name in self.DEFAULTS if name != "lr"}
                    start, update = self.compiled(tuple(options.items()))
                    if not state:
                        state["optax"] = start(values)
                    updates, state["optax"] = update(parameter.grad.double().numpy(), state["optax"], values)
                    moved = np.asarray(values - float(group["lr"]) * np.asarray(updates))
                    parameter.copy_(torch.from_numpy(moved))
        return loss


class SGD(OptaxOptimizer):
    DEFAULTS = {"lr": 1e-3, "momentum": 0, "weight_decay": 0, "nesterov": False}

    @staticmethod
    def transformation(options):
        import optax

        trace = optax.trace(options["momentum"], options["nesterov"]) if options["momentum"] else optax.identity()
        return optax.chain(optax.add_decayed_weights(options["weight_decay"]), trace)


class Adagrad(OptaxOptimizer):
    """Without epsilon: optax has it inside the root, torch outside."""

    DEFAULTS = {"lr": 1e-2, "eps": 1e-10, "initial_accumulator_value": 0, "weight_decay": 0}

    @staticmethod
    def transformation(options):
        import optax

        scale = optax.scale_by_rss(initial_accumulator_value=options["initial_accumulator_value"], eps=options["eps"])
        return optax.chain(optax.add_decayed_weights(options["weight_decay"]), scale)


class RMSprop(OptaxOptimizer):
    DEFAULTS = {"lr": 1e-2, "alpha": 0.99, "eps": 1e-8, "weight_decay": 0}

    @staticmethod
    def transformation(options):
        import optax

        scale = optax.scale_by_rms(options["alpha"], options["eps"], eps_in_sqrt=False)
        return optax.chain(optax.add_decayed_weights(options["weight_decay"]), scale)


class Adadelta(OptaxOptimizer):
    DEFAULTS = {"lr": 1.0, "rho": 0.9, "eps": 1e-6, "weight_decay": 0}

    @staticmethod
    def transformation(options):
        import optax

        scale = optax.scale_by_adadelta(options["rho"], options["eps"])
        return optax.chain(optax.add_decayed_weights(options["weight_decay"]), scale)


class Adam(OptaxOptimizer):
    DEFAULTS = {"lr": 1e-3, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0, "amsgrad": False}

    @staticmethod
    def transformation(options):
        import optax

        scale = optax.scale_by_amsgrad if options["amsgrad"] else optax.scale_by_adam
        decay = optax.add_decayed_weights(options["weight_decay"])
        return optax.chain(decay, scale(*options["betas"], options["eps"]))


class AdamW(OptaxOptimizer):
    DEFAULTS = {**Adam.DEFAULTS, "weight_decay": 1e-2}

    @staticmethod
    def transformation(options):
        import optax

        decay = optax.add_decayed_weights(options["weight_decay"])
        return optax.chain(optax.scale_by_adam(*options["betas"], options["eps"]), decay)
