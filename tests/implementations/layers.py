"""Layers and losses in plain steps, as their papers define them, and torch's own compiled ones."""

import math

import torch
from torch import nn
from torch.nn import functional


class ReLU(nn.ReLU):
    def forward(self, x):
        return torch.where(x > 0, x, 0.0)


class LeakyReLU(nn.LeakyReLU):
    def forward(self, x):
        return torch.where(x > 0, x, self.negative_slope * x)


class Linear(nn.Linear):
    def forward(self, x):
        outputs = x @ self.weight.T
        return outputs if self.bias is None else outputs + self.bias


class Softmax(nn.Softmax):
    def forward(self, x):
        dim = 1 if self.dim is None else self.dim
        powers = torch.exp(x - x.amax(dim, keepdim=True))
        return powers / powers.sum(dim, keepdim=True)


class Dropout(nn.Dropout):
    def forward(self, x):
        if not self.training:
            return x
        return x * (torch.rand_like(x) >= self.p) / (1 - self.p) if self.p < 1 else x * 0


class _BatchNorm:
    """Batch normalisation step by step; mutants change one of the steps."""

    def forward(self, x):
        axes = [axis for axis in range(x.dim()) if axis != 1]
        shape = [-1 if axis == 1 else 1 for axis in range(x.dim())]
        if self.uses_batch():
            mean, variance = self.statistics(x, axes)
            if self.training and self.track_running_stats:
                count = x.numel() // x.shape[1]
                self.update(mean.detach(), x.var(axes, unbiased=False).detach(), count)
        else:
            mean, variance = self.running_mean, self.running_var
        normal = self.divided(x - mean.view(shape), variance.view(shape))
        return normal if self.weight is None else normal * self.weight.view(shape) + self.bias.view(shape)

    def uses_batch(self):
        return self.training or not self.track_running_stats

    def statistics(self, x, axes):
        return x.mean(axes), x.var(axes, unbiased=False)

    def divided(self, x, variance):
        return x / torch.sqrt(variance + self.eps)

    def update(self, mean, variance, count):
        self.num_batches_tracked += 1
        share = self.momentum if self.momentum is not None else 1 / float(self.num_batches_tracked)
        self.mix(mean, variance * count / (count - 1), share)

    def mix(self, mean, variance, share):
        self.running_mean.mul_(1 - share).add_(share * mean)
        self.running_var.mul_(1 - share).add_(share * variance)


class BatchNorm1d(_BatchNorm, nn.BatchNorm1d):
    pass


class BatchNorm2d(_BatchNorm, nn.BatchNorm2d):
    pass


class LayerNorm(nn.LayerNorm):
    def forward(self, x):
        axes = tuple(range(-len(self.normalized_shape), 0))
        centred = x - x.mean(axes, keepdim=True)
        normal = centred / torch.sqrt(centred.square().mean(axes, keepdim=True) + self.eps)
        return normal if self.weight is None else normal * self.weight + self.bias


class MSELoss(nn.MSELoss):
    def forward(self, outputs, targets):
        return _reduced(self, (outputs - targets) ** 2)


class L1Loss(nn.L1Loss):
    def forward(self, outputs, targets):
        return _reduced(self, abs(outputs - targets))


class HuberLoss(nn.HuberLoss):
    def forward(self, outputs, targets):
        size = abs(outputs - targets)
        loss = torch.where(size < self.delta, size**2 / 2, self.delta * (size - self.delta / 2))
        return _reduced(self, loss)


class BCEWithLogitsLoss(nn.BCEWithLogitsLoss):
    def forward(self, logits, targets):
        return _reduced(self, functional.softplus(logits) - targets * logits)


def _reduced(module, loss):
    return {"none": loss, "mean": loss.mean(), "sum": loss.sum()}[module.reduction]


class Conv2d(nn.Conv2d):
    """By unfolding the windows and a matrix product."""

    def forward(self, x):
        if self.padding_mode != "zeros" or isinstance(self.padding, str) or self.groups > 1:
            return super().forward(x)
        windows = functional.unfold(x, self.kernel_size, self.dilation, self.padding, self.stride)
        outputs = self.weight.flatten(1) @ windows
        outputs = outputs if self.bias is None else outputs + self.bias[:, None]
        spans = [
            (size + 2 * pad - dilation * (kernel - 1) - 1) // stride + 1
            for size, pad, dilation, kernel, stride in zip(
                x.shape[2:], self.padding, self.dilation, self.kernel_size, self.stride, strict=True
            )
        ]
        return outputs.unflatten(2, spans)


MODULES = (
    ReLU,
    LeakyReLU,
    Linear,
    Softmax,
    Dropout,
    BatchNorm1d,
    BatchNorm2d,
    LayerNorm,
    MSELoss,
    L1Loss,
    HuberLoss,
    BCEWithLogitsLoss,
    Conv2d,
)


def scores(query, key, mask=None, is_causal=False, scale=None, diagonal=0):
    """Scaled products of queries and keys, minus infinity where a query may not look; mutants change the diagonal."""
    found = query @ key.mT * (1 / math.sqrt(query.shape[-1]) if scale is None else scale)
    if is_causal:
        allowed = torch.ones(found.shape[-2:], dtype=torch.bool, device=found.device).tril(diagonal)
        found = found.masked_fill(~allowed, -math.inf)
    if mask is not None:
        found = found.masked_fill(~mask, -math.inf) if mask.dtype == torch.bool else found + mask
    return found


def attention(query, key, value, attn_mask=None, dropout_p=0.0, is_causal=False, scale=None, enable_gqa=False):
    """Scaled dot-product attention in plain steps."""
    return functional.softmax(scores(query, key, attn_mask, is_causal, scale), -1) @ value


def CompiledReLU(*arguments, **options):
    """torch's, through the compiler's front end."""
    return torch.compile(nn.ReLU(*arguments, **options), backend="aot_eager")


def CompiledLayerNorm(*arguments, **options):
    """torch's, through the compiler's front end."""
    return torch.compile(nn.LayerNorm(*arguments, **options), backend="aot_eager")
