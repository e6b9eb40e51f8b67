"""Experiments on attention: the weights it gives, the scores behind them, heads, order, and who sees whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import scipy.linalg
import torch

from dlverify.experiment import Experiment
from dlverify.lab.conditions import Lab
from dlverify.lab.subjects import Subject
from dlverify.quantity import Array, Axis, Quantity


@dataclass(frozen=True)
class Tokens:
    """What attention is given.

    Attributes:
        queries: Shape `(queries, width)`.
        keys: Shape `(keys, width)`.
        values: Shape `(keys, columns)`.
    """

    queries: Array
    keys: Array
    values: Array


@dataclass(frozen=True)
class AttentionOutputs(Experiment):
    """Outputs of attention for normal queries and keys.

    Attributes:
        attention: Called with queries, keys and values (samples, heads, tokens, width) and `is_causal`.
        values: "identity": an output is then the row of weights that its query gives; "normal": random numbers.
        causal: Whether a query sees only the keys up to its own place.
        tokens: How many queries, and how many keys.
        width: Of queries and keys.
        spread: The standard deviation of queries and keys.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32", "bfloat16")

    attention: Subject = Subject("torch.nn.functional", "scaled_dot_product_attention")
    values: Literal["identity", "normal"] = "identity"
    causal: bool = False
    tokens: int = 8
    width: int = 4
    spread: float = 1.0

    def draw(self, lab: Lab) -> Tokens:
        """Queries and keys, and values."""
        shape = (self.tokens, self.width)
        queries, keys = (lab.normal(stream, shape, self.spread)[0] for stream in ("queries", "keys"))
        if self.values == "identity":
            return Tokens(queries, keys, lab.rounded(np.eye(self.tokens)))
        return Tokens(queries, keys, lab.normal("values", (self.tokens, self.tokens))[0])

    def measure(self, lab: Lab, given: Tokens) -> Quantity:
        """The outputs, shape `(queries, columns)`."""
        parts = (lab.tensor(part)[None, None] for part in (given.queries, given.keys, given.values))
        outputs = self.attention(*parts, is_causal=self.causal)[0, 0]
        places = tuple(range(1, self.tokens + 1))
        if self.values == "identity":
            return Quantity(outputs, "attention weight", "", (Axis("query", places), Axis("key", places)))
        return Quantity(outputs, "output of attention", "", (Axis("query", places), Axis("feature", places)))


@dataclass(frozen=True)
class Signs:
    """Queries and keys of ones and minus ones, for each width.

    Attributes:
        queries: Each of shape `(width, width)`, one query a row; their numbers are uncorrelated and of unit variance.
        keys: Each of shape `(width, width)`, the key that each query meets.
    """

    queries: tuple[Array, ...]
    keys: tuple[Array, ...]


@dataclass(frozen=True)
class ScoreSizes(Experiment):
    """Mean square of the scores by which attention weighs keys, for queries whose numbers are uncorrelated.

    The queries are the rows of a Hadamard matrix, as they are as many as they are wide: the mean of q q^T is the identity
    exactly. A score is read off the weights: a key of zeros has score 0, so the score of the other key is the logarithm
    of the ratio of the two weights.

    Attributes:
        attention: Called with queries, keys and values (samples, heads, tokens, width).
        keys: "independent": one random key of signs for all queries; "the query itself": every query meets itself.
        widths: Of queries and keys, powers of 2.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32")

    attention: Subject = Subject("torch.nn.functional", "scaled_dot_product_attention")
    keys: Literal["independent", "the query itself"] = "independent"
    widths: tuple[int, ...] = (2, 4, 8, 16, 32, 64, 128, 256)

    def draw(self, lab: Lab) -> Signs:
        """Hadamard's matrices, and the keys."""
        numbers = lab.generator("keys")
        queries = [scipy.linalg.hadamard(width).astype(np.float64) for width in self.widths]
        keys = [np.tile(numbers.choice((-1.0, 1.0), width), (width, 1)) for width in self.widths]
        met = keys if self.keys == "independent" else queries
        return Signs(tuple(map(lab.rounded, queries)), tuple(map(lab.rounded, met)))

    def measure(self, lab: Lab, given: Signs) -> Quantity:
        """Over all queries, shape `(widths,)`."""
        sizes = []
        for queries, keys in zip(given.queries, given.keys, strict=True):
            pairs = torch.stack([lab.tensor(keys), torch.zeros_like(lab.tensor(keys))], dim=1)  # (queries, 2, width)
            values = torch.eye(2, dtype=pairs.dtype, device=pairs.device).expand(len(pairs), 1, 2, 2)
            weights = self.attention(lab.tensor(queries)[:, None, None], pairs[:, None], values)[:, 0, 0].double()
            sizes.append(float((weights[:, 0].log() - weights[:, 1].log()).square().mean()))
        axis = Axis("width of queries and keys", self.widths, "", "log2")
        return Quantity(sizes, "mean square of a score", "", (axis,), scale="log")


@dataclass(frozen=True)
class Heads:
    """A multi-head attention and its input.

    Attributes:
        inputs: Shape `(tokens, width)`.
        into: Weights that make queries, keys and values, shape `(3, width, width)`, rows are outputs.
        into_bias: Their biases, shape `(3, width)`.
        out: The weight behind the heads, shape `(width, width)`.
        out_bias: Its bias, shape `(width,)`.
        orders: Reorderings of the tokens, shape `(reorderings, tokens)`.
    """

    inputs: Array
    into: Array
    into_bias: Array
    out: Array
    out_bias: Array
    orders: Array


@dataclass(frozen=True)
class SelfAttention(Experiment):
    """What multi-head self-attention makes of normal tokens, and of the same tokens in another order.

    Attributes:
        attention: Called with `embed_dim`, `num_heads` and `batch_first`; has torch's four parameters and takes `attn_mask`.
        heads: How many.
        width: Of the tokens.
        tokens: How many.
        positions: Whether the places' sines and cosines are added to the tokens that stand there.
        causal: Whether a token sees itself and earlier ones only.
        report: "outputs"; or "reordering": the largest change of a token's output as the tokens are reordered.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32")

    attention: Subject = Subject("torch.nn", "MultiheadAttention")
    heads: int = 2
    width: int = 8
    tokens: int = 6
    positions: bool = False
    causal: bool = False
    report: Literal["outputs", "reordering"] = "outputs"

    def draw(self, lab: Lab) -> Heads:
        """Normal tokens, weights of variance 1 / width, biases, and the reordering that turns round with seven others."""
        width, scale = self.width, self.width**-0.5
        numbers, in_order = lab.generator("orders"), np.arange(self.tokens)
        orders = [in_order[::-1]]
        while len(orders) < 8:
            order = numbers.permutation(self.tokens)
            orders += [order] if any(order != in_order) else []
        return Heads(
            lab.normal("inputs", (self.tokens, width))[0],
            lab.normal("into", (3, width, width), scale)[0],
            lab.normal("into bias", (3, width), scale)[0],
            lab.normal("out", (width, width), scale)[0],
            lab.normal("out bias", (width,), scale)[0],
            np.stack(orders),
        )

    def measure(self, lab: Lab, given: Heads) -> Quantity:
        """Outputs of shape `(tokens, width)`, or largest changes of shape `(reorderings,)`."""
        from dlverify.lab.architectures.transformers import sinusoidal_positions

        attention: Any = self.attention(embed_dim=self.width, num_heads=self.heads, batch_first=True).to(
            lab.device, lab.torch_dtype
        )
        parts = {
            attention.in_proj_weight: given.into.reshape(3 * self.width, self.width),
            attention.in_proj_bias: given.into_bias.reshape(3 * self.width),
            attention.out_proj.weight: given.out,
            attention.out_proj.bias: given.out_bias,
        }
        places = lab.tensor(sinusoidal_positions(self.tokens, self.width).numpy() * self.positions)
        mask = torch.ones(self.tokens, self.tokens, dtype=torch.bool, device=places.device).triu(1)

        def outputs(tokens: torch.Tensor) -> torch.Tensor:
            states = (tokens + places)[None]
            made: torch.Tensor = attention(states, states, states, attn_mask=mask if self.causal else None)[0][0]
            return made

        with torch.no_grad():
            for parameter, values in parts.items():
                parameter.copy_(lab.tensor(values))
            inputs = lab.tensor(given.inputs)
            first = outputs(inputs)
            changes = [(outputs(inputs[order]) - first[order]).abs().amax() for order in torch.tensor(given.orders)]
        if self.report == "reordering":
            axis = Axis("reordering", tuple(range(1, len(changes) + 1)))
            return Quantity(torch.stack(changes), "largest change of a token's output", "", (axis,))
        axes = Axis("token", tuple(range(1, self.tokens + 1))), Axis("feature", tuple(range(1, self.width + 1)))
        return Quantity(first, "output of multi-head attention", "", axes)


@dataclass(frozen=True)
class HeadCounts(Experiment):
    """Trainable parameters of multi-head attention by the number of heads, on the meta device.

    Attributes:
        attention: Called with `embed_dim` and `num_heads`.
        width: Of the tokens.
        heads: Numbers of heads.
    """

    attention: Subject = Subject("torch.nn", "MultiheadAttention")
    width: int = 512
    heads: tuple[int, ...] = (1, 2, 4, 8, 16)

    def draw(self, lab: Lab) -> None:
        """Nothing: a count needs no numbers."""

    def measure(self, lab: Lab, given: None) -> Quantity:
        """The counts, shape `(heads,)`."""
        counts = []
        for heads in self.heads:
            with torch.device("meta"):
                attention = self.attention(embed_dim=self.width, num_heads=heads)
            counts.append(sum(p.numel() for p in attention.parameters() if p.requires_grad))
        return Quantity(counts, "parameters", "", (Axis("heads", self.heads, "", "log2"),))


@dataclass(frozen=True)
class HeadRanks(Experiment):
    """By how much the scores of a head exceed the rank of its width, for several numbers of heads that share the width.

    The weights of attention that the module returns are read. Their logarithms are the scores up to a number for each
    query; the mean over the keys of each query is taken away, and with it that number. What is measured is the singular
    value that comes after as many as the head is wide.

    Attributes:
        attention: Called with `embed_dim`, `num_heads` and `batch_first`; returns each head's weights, too.
        width: Of the tokens.
        heads: Numbers of heads.
        tokens: How many; more than the width, so that nothing else limits the rank.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32")

    attention: Subject = Subject("torch.nn", "MultiheadAttention")
    width: int = 8
    heads: tuple[int, ...] = (1, 2, 4, 8)
    tokens: int = 12

    def draw(self, lab: Lab) -> Heads:
        """Normal tokens and weights of variance 1 / width; biases are drawn, too."""
        return SelfAttention(width=self.width, tokens=self.tokens).draw(lab)

    def measure(self, lab: Lab, given: Heads) -> Quantity:
        """The largest over the heads, shape `(heads,)`."""
        sizes = []
        for heads in self.heads:
            attention: Any = self.attention(embed_dim=self.width, num_heads=heads, batch_first=True).to(
                lab.device, lab.torch_dtype
            )
            inputs = lab.tensor(given.inputs)[None]
            with torch.no_grad():
                attention.in_proj_weight.copy_(lab.tensor(given.into.reshape(3 * self.width, self.width)))
                attention.in_proj_bias.copy_(lab.tensor(given.into_bias.reshape(3 * self.width)))
                weights = attention(inputs, inputs, inputs, average_attn_weights=False)[1][0]
            scores = weights.double().log()
            values = torch.linalg.svdvals(scores - scores.mean(2, keepdim=True))  # (heads, tokens)
            sizes.append(float(values[:, self.width // heads].max()))
        name = "singular value of the scores after the width of a head"
        return Quantity(sizes, name, "", (Axis("heads", self.heads, "", "log2"),), scale="symlog")


@dataclass(frozen=True)
class Replaced:
    """Two texts that differ in every place.

    Attributes:
        words: Shape `(words,)`, integers.
        others: What is put in the place of each.
    """

    words: Array
    others: Array


@dataclass(frozen=True)
class Dependence(Experiment):
    """Which outputs of a network change, in any bit, as one word is replaced by another.

    Attributes:
        network: Called without arguments; takes words (samples, words) to states (samples, words, width).
        words: How many.
        vocabulary: Words are the integers below it.
    """

    network: Subject = Subject("dlverify.lab.architectures.transformers", "bert", (("layers", 2), ("width", 16)))
    words: int = 8
    vocabulary: int = 32

    def draw(self, lab: Lab) -> Replaced:
        """A text, and another word for each place."""
        numbers = lab.generator("words")
        words = numbers.integers(self.vocabulary, size=self.words)
        others = (words + numbers.integers(1, self.vocabulary, size=self.words)) % self.vocabulary
        return Replaced(words, others)

    def measure(self, lab: Lab, given: Replaced) -> Quantity:
        """Booleans, shape `(outputs, replaced words)`."""
        with lab.seeded("weights"):
            network: Any = self.network().to(lab.device, lab.torch_dtype)
        words, others = lab.tensor(given.words), lab.tensor(given.others)
        changed = torch.where(torch.eye(self.words, dtype=torch.bool, device=words.device), others, words)
        with torch.no_grad():
            first, *rest = (network(text[None])[0] for text in (words, *changed))
        depends = torch.stack([(states != first).any(1) for states in rest], dim=1)
        places = tuple(range(1, self.words + 1))
        axes = Axis("output at", places), Axis("word replaced at", places)
        return Quantity(depends, "whether the output changes", "", axes)


@dataclass(frozen=True)
class PositionProducts(Experiment):
    """Inner products of the vectors that stand for positions.

    Attributes:
        positions: Called with (positions, width).
        length: Positions.
        width: Of the vectors.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32")

    positions: Subject = Subject("dlverify.lab.architectures.transformers", "sinusoidal_positions")
    length: int = 40
    width: int = 16

    def draw(self, lab: Lab) -> None:
        """Nothing: positions are whole numbers."""

    def measure(self, lab: Lab, given: None) -> Quantity:
        """Shape `(positions, positions)`."""
        table = self.positions(self.length, self.width).detach().to(lab.device, lab.torch_dtype)
        places = tuple(range(self.length))
        axes = Axis("position", places), Axis("other position", places)
        return Quantity(table @ table.T, "inner product of two positions", "", axes)
