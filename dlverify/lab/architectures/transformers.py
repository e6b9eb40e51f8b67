"""Transformers: embedded tokens, positions, and torch's layers of self-attention (Vaswani et al. 2017; BERT; GPT)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor, nn

GPT2 = {"small": (12, 768, 12), "medium": (24, 1024, 16), "large": (36, 1280, 20), "xl": (48, 1600, 25)}
"""Layers, width and heads (Radford et al. 2019, table 2)."""
GPT3 = {
    "small": (12, 768, 12),
    "medium": (24, 1024, 16),
    "large": (24, 1536, 16),
    "xl": (24, 2048, 16),
    "2.7B": (32, 2560, 32),
    "6.7B": (32, 4096, 32),
    "13B": (40, 5120, 40),
    "175B": (96, 12288, 96),
}
"""Layers, width and heads (Brown et al. 2020, table 2.1), with two slips of that table mended: it prints a width of 5140
for 13B, which 40 heads do not divide, and 24 heads for XL, which do not divide 2048. Heads do not enter the count."""


def sinusoidal_positions(positions: int, width: int, *, base: float = 10000.0, cosines: bool = True) -> Tensor:
    """Sines and cosines of p / base^(2 i / width) in columns 2 i and 2 i + 1 (Vaswani et al. 2017, section 3.5).

    Args:
        positions: Rows.
        width: Columns, an even number.
        base: Sets the slowest frequency.
        cosines: Whether odd columns are cosines; otherwise sines too, of the frequencies half way between.

    Returns:
        Shape `(positions, width)`, float64.
    """
    columns = torch.arange(width, dtype=torch.float64)
    exponents = torch.div(columns, 2, rounding_mode="floor") * 2 if cosines else columns
    angles = torch.arange(positions, dtype=torch.float64)[:, None] / base ** (exponents / width)
    odd = (torch.arange(width) % 2 == 1) & torch.tensor(cosines)
    return torch.where(odd, angles.cos(), angles.sin())


class Positions(nn.Module):
    """Adds a vector of each position to its token: learned ones, or the fixed sines and cosines.

    Attributes:
        table: Shape `(length, width)`; a parameter where it is learned.
    """

    def __init__(self, length: int, width: int, *, learned: bool) -> None:
        super().__init__()
        self.table: Tensor
        if learned:
            self.table = nn.Parameter(0.02 * torch.randn(length, width))  # as in BERT and GPT
        else:
            with torch.device("cpu"):
                table = sinusoidal_positions(length, width)
            self.register_buffer("table", table, persistent=False)

    def forward(self, states: Tensor) -> Tensor:
        """States (samples, tokens, width) to states."""
        return states + self.table[: states.shape[1]].to(states)


class Encoder(nn.Module):
    """A stack of self-attention layers over embedded tokens; with a causal mask, the decoder of GPT.

    Attributes:
        embed: Makes states (samples, tokens, width) of tokens.
        before: What the states pass before the layers: positions, normalisation.
        layers: `torch.nn.TransformerEncoderLayer`s.
        after: What they pass behind them.
        causal: Whether a token sees itself and earlier tokens only.
    """

    def __init__(
        self,
        embed: nn.Module,
        layer: Callable[[], nn.TransformerEncoderLayer],
        layers: int,
        *,
        before: nn.Module,
        after: nn.Module,
        causal: bool = False,
    ) -> None:
        super().__init__()
        self.embed, self.before, self.after, self.causal = embed, before, after, causal
        self.layers = nn.ModuleList(layer() for _ in range(layers))

    def forward(self, tokens: Tensor) -> Tensor:
        """Tokens (samples, tokens) to states (samples, tokens, width), or what `after` makes of them."""
        states = self.before(self.embed(tokens))
        for layer in self.layers:
            states = layer(states, src_mask=self._mask(states), is_causal=self.causal)
        made: Tensor = self.after(states)
        return made

    def attention(self, tokens: Tensor) -> Tensor:
        """The first layer's attention, the mean over heads: shape (samples, queries, keys)."""
        states, layer = self.before(self.embed(tokens)), self.layers[0]
        assert isinstance(layer, nn.TransformerEncoderLayer)
        states = layer.norm1(states) if layer.norm_first else states
        weights: Tensor = layer.self_attn(states, states, states, attn_mask=self._mask(states))[1]
        return weights

    def _mask(self, states: Tensor) -> Tensor | None:
        if not self.causal:
            return None
        tokens = states.shape[1]
        return torch.ones(tokens, tokens, dtype=torch.bool, device=states.device).triu(1)


def _layer(
    width: int, heads: int, inner: int, *, activation: str = "gelu", norm_first: bool = False
) -> Callable[[], nn.TransformerEncoderLayer]:
    return partial(
        nn.TransformerEncoderLayer,
        width,
        heads,
        inner,
        dropout=0.0,
        activation=activation,
        batch_first=True,
        norm_first=norm_first,
    )


class FirstSegment(nn.Module):
    """Adds the vector of the first of two sentences to every token.

    Attributes:
        table: A vector for each sentence, shape `(2, width)`.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.table = nn.Parameter(0.02 * torch.randn(2, width))

    def forward(self, states: Tensor) -> Tensor:
        """States (samples, tokens, width) to states."""
        return states + self.table[0]


class Bert(Encoder):
    """BERT: learned positions, two segments, both sides of every token (Devlin et al. 2019).

    Attributes:
        pooler: A layer on the first token's state, for tasks on whole sentences.
    """

    def __init__(self, layers: int, width: int, heads: int, vocabulary: int, length: int, *, pooled: bool) -> None:
        before = nn.Sequential(FirstSegment(width), Positions(length, width, learned=True), nn.LayerNorm(width))
        layer = _layer(width, heads, 4 * width)
        super().__init__(nn.Embedding(vocabulary, width), layer, layers, before=before, after=nn.Identity())
        self.pooler = nn.Sequential(nn.Linear(width, width), nn.Tanh()) if pooled else None

    def pool(self, tokens: Tensor) -> Tensor:
        """The first token's state behind the pooler, shape (samples, width)."""
        first = self(tokens)[:, 0]
        pooled: Tensor = first if self.pooler is None else self.pooler(first)
        return pooled


def bert(
    *,
    layers: int = 12,
    width: int = 768,
    heads: int = 12,
    vocabulary: int = 30522,
    length: int = 512,
    pooled: bool = True,
) -> Bert:
    """BERT-base by default; BERT-large has 24 layers, width 1024 and 16 heads (Devlin et al. 2019, section 3)."""
    return Bert(layers, width, heads, vocabulary, length, pooled=pooled)


def gpt(
    *, layers: int = 12, width: int = 768, heads: int = 12, vocabulary: int = 50257, length: int = 1024, inner: int = 4
) -> Encoder:
    """A decoder of the GPT kind: learned positions, normalisation before each part and at the end, a causal mask.

    States come out; the scores of the next token are their products with the embedding, which has no weights of its own
    for them (Radford et al. 2019, section 2.3). `inner` is the width inside a feed-forward part, in widths.
    """
    return Encoder(
        nn.Embedding(vocabulary, width),
        _layer(width, heads, inner * width, norm_first=True),
        layers,
        before=Positions(length, width, learned=True),
        after=nn.LayerNorm(width),
        causal=True,
    )


def gpt2(size: str = "small", *, inner: int = 4) -> Encoder:
    """GPT-2 of a size in `GPT2`, for 1,024 tokens."""
    layers, width, heads = GPT2[size]
    return gpt(layers=layers, width=width, heads=heads, inner=inner)


def gpt3(size: str = "175B", *, width: int | None = None, heads: int | None = None, inner: int = 4) -> Encoder:
    """GPT-3 of a size in `GPT3`, for 2,048 tokens; dense layers, since sparse attention has the same parameters."""
    layers, own_width, own_heads = GPT3[size]
    return gpt(layers=layers, width=width or own_width, heads=heads or own_heads, length=2048, inner=inner)


class Transformer(nn.Module):
    """The Transformer for translation: encoder and decoder share one embedding, which also scores the answers.

    Attributes:
        embed: A vector for each word of the joint vocabulary.
        answer: Where it is not shared, the layer that scores the answers, without bias.
        core: `torch.nn.Transformer` without the two normalisations that torch puts at the ends.
        positions: Sines and cosines.
    """

    def __init__(
        self, layers: int, width: int, heads: int, inner: int, vocabulary: int, *, shared: bool, bias: bool
    ) -> None:
        super().__init__()
        self.embed = nn.Embedding(vocabulary, width)
        self.answer = None if shared else nn.Linear(width, vocabulary, bias=False)
        self.positions = Positions(512, width, learned=False)
        core = nn.Transformer(width, heads, layers, layers, inner, dropout=0.0, batch_first=True)
        core.encoder.norm = core.decoder.norm = None
        if not bias:
            for module in core.modules():
                if isinstance(module, nn.MultiheadAttention):
                    module.in_proj_bias = module.out_proj.bias = None  # type: ignore[assignment]
        self.core = core

    def forward(self, source: Tensor, target: Tensor) -> Tensor:
        """Words (samples, words) of both languages to scores (samples, words, vocabulary) of the next word."""
        mask = nn.Transformer.generate_square_subsequent_mask(target.shape[1], source.device, self.embed.weight.dtype)
        scale = self.embed.embedding_dim**0.5
        states = (self.positions(self.embed(words) * scale) for words in (source, target))
        answers = self.core(*states, tgt_mask=mask, tgt_is_causal=True)
        scores: Tensor = answers @ self.embed.weight.T if self.answer is None else self.answer(answers)
        return scores


def transformer(*, big: bool = False, vocabulary: int = 37000, shared: bool = True, bias: bool = True) -> Transformer:
    """The base or the big model of Vaswani et al. 2017 (table 3).

    Args:
        big: Which one.
        vocabulary: Of both languages together; the paper says about 37,000 (section 5.1).
        shared: Whether one matrix embeds both languages and scores the answers (section 3.4).
        bias: Whether the projections of attention have biases, as torch's have; the paper's formulas show none.
    """
    width, heads, inner = (1024, 16, 4096) if big else (512, 8, 2048)
    return Transformer(6, width, heads, inner, vocabulary, shared=shared, bias=bias)


def small_encoder(
    tokens: int,
    features: int,
    *,
    width: int = 32,
    heads: int = 1,
    layers: int = 1,
    outputs: int = 1,
    positions: bool = True,
    causal: bool = False,
    pooled: bool = False,
) -> Encoder:
    """An encoder for real data, which come in flat: (samples, tokens * features).

    Args:
        tokens: How many.
        features: Of a token.
        width: Of the states; the feed-forward parts have twice as many units.
        heads: Of each layer.
        layers: How many.
        outputs: For each token, or for the mean of all.
        positions: Whether sines and cosines are added to the tokens.
        causal: Whether a token sees itself and earlier ones only.
        pooled: Whether the mean over the tokens answers.
    """
    embed = nn.Sequential(nn.Unflatten(1, (tokens, features)), nn.Linear(features, width))
    before = Positions(tokens, width, learned=False) if positions else nn.Identity()
    head = nn.Linear(width, outputs)
    after = nn.Sequential(Mean(), head) if pooled else head
    layer = _layer(width, heads, 2 * width, activation="relu", norm_first=True)
    return Encoder(embed, layer, layers, before=before, after=after, causal=causal)


class Mean(nn.Module):
    """The mean over tokens."""

    def forward(self, states: Tensor) -> Tensor:
        """States (samples, tokens, width) to (samples, width)."""
        return states.mean(1)


class FullWidthAttention(nn.Module):
    """Attention whose heads are each as wide as the tokens: not what the Transformer has.

    Attributes:
        heads: Attention of one head each.
    """

    def __init__(self, embed_dim: int, num_heads: int) -> None:
        super().__init__()
        self.heads = nn.ModuleList(nn.MultiheadAttention(embed_dim, 1, batch_first=True) for _ in range(num_heads))

    def forward(self, tokens: Tensor) -> Tensor:
        """States (samples, tokens, width) to states: the sum of what the heads make of them."""
        return torch.stack([head(tokens, tokens, tokens)[0] for head in self.heads]).sum(0)
