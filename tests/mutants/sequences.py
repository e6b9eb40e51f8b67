"""Recurrent layers, attention and positions, each wrong in one point."""

import math

import torch
from torch import nn
from torch.nn import functional

from tests.implementations import layers as right
from tests.mutants import mutant


def _rows(module, order):
    """Put the blocks of rows of every weight and bias in another order, for the length of a call."""
    for parameter in module.parameters():
        blocks = parameter.detach().chunk(len(order))
        parameter.data = torch.cat([blocks[index] for index in order])


class _Reordered:
    ORDER: tuple[int, ...]

    def forward(self, *inputs):
        kept = [parameter.detach().clone() for parameter in self.parameters()]
        _rows(self, self.ORDER)
        try:
            return super().forward(*inputs)
        finally:
            for parameter, values in zip(self.parameters(), kept, strict=True):
                parameter.data = values


@mutant("torch.nn.LSTM")
class LSTMWithGatesSwapped(_Reordered, nn.LSTM):
    """The input gate and the forget gate have changed places."""

    ORDER = (1, 0, 2, 3)


@mutant("torch.nn.LSTM")
class LSTMWithOutputGateSwapped(_Reordered, nn.LSTM):
    """The forget gate and the output gate have changed places."""

    ORDER = (0, 3, 2, 1)


@mutant("torch.nn.GRU")
class GRUWithGatesSwapped(_Reordered, nn.GRU):
    """The reset gate and the update gate have changed places."""

    ORDER = (1, 0, 2)


@mutant("torch.nn.RNN")
class RNNWithReLU(nn.RNN):
    """ReLU takes the place of tanh."""

    def __init__(self, *sizes, **options):
        super().__init__(*sizes, **{**options, "nonlinearity": "relu"})


@mutant("torch.nn.RNN")
class RNNThatForgets(nn.RNN):
    """The hidden state starts at zero, whatever is given."""

    def forward(self, inputs, start=None):
        return super().forward(inputs)


def _attend(query, key, value, mask=None, dropout=0.0, is_causal=False, scale=None, enable_gqa=False, **changes):
    return functional.softmax(right.scores(query, key, mask, is_causal, scale, **changes), -1) @ value


ATTENTION = "torch.nn.functional.scaled_dot_product_attention"


@mutant(ATTENTION)
def attention_scaled_by_the_width(query, key, value, *others, scale=None, **options):
    """Scores are divided by the width of a key, not by its root."""
    return _attend(query, key, value, *others, scale=1 / query.shape[-1] if scale is None else scale, **options)


@mutant(ATTENTION)
def attention_without_scale(query, key, value, *others, scale=None, **options):
    """Scores are not divided by the root of the width."""
    return _attend(query, key, value, *others, scale=1.0 if scale is None else scale, **options)


@mutant(ATTENTION)
def attention_over_queries(query, key, value, attn_mask=None, dropout_p=0.0, is_causal=False, scale=None, **options):
    """The softmax is taken over queries, not over keys."""
    return functional.softmax(right.scores(query, key, attn_mask, is_causal, scale), -2) @ value


@mutant(ATTENTION)
def attention_that_sees_one_ahead(query, key, value, *others, **options):
    """The causal mask is off by one, so that each place sees the next."""
    return _attend(query, key, value, *others, **options, diagonal=1)


class _WithTorchs(nn.MultiheadAttention):
    """torch's, called in the slow way that returns weights."""

    def forward(self, query, key, value, *others, **options):
        return super().forward(query, key, value, *others, **options)


@mutant("torch.nn.MultiheadAttention")
class MultiheadWithoutOutputProjection(_WithTorchs):
    """Heads are put side by side and not projected."""

    def forward(self, query, key, value, *others, **options):
        kept = self.out_proj.weight.data, self.out_proj.bias
        self.out_proj.weight.data = torch.eye(self.embed_dim, dtype=query.dtype)
        try:
            return super().forward(query, key, value, *others, **options)
        finally:
            self.out_proj.weight.data = kept[0]


@mutant("torch.nn.MultiheadAttention")
class MultiheadScaledByTheWhole(_WithTorchs):
    """Scores are divided by the root of the whole width, not of a head's."""

    def forward(self, query, key, value, *others, **options):
        size = self.embed_dim
        kept = self.in_proj_weight.data.clone(), None if self.in_proj_bias is None else self.in_proj_bias.data.clone()
        self.in_proj_weight.data[:size] /= math.sqrt(self.num_heads)
        if self.in_proj_bias is not None:
            self.in_proj_bias.data[:size] /= math.sqrt(self.num_heads)
        try:
            return super().forward(query, key, value, *others, **options)
        finally:
            self.in_proj_weight.data = kept[0]
            if kept[1] is not None:
                self.in_proj_bias.data = kept[1]
