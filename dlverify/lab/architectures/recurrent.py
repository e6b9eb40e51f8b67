"""Recurrent networks that torch does not ship: an encoder-decoder, variants of its layers, untied weights."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class ResetFirstGRU(nn.GRU):
    """One layer as Cho et al. 2014 print it: the reset gate multiplies the state before the recurrent weights do.

    The candidate is tanh(W_in x + b_in + W_hn (r * h) + b_hn), where `torch.nn.GRU` has
    tanh(W_in x + b_in + r * (W_hn h + b_hn)); parameters, their names and shapes are those of `torch.nn.GRU`.
    """

    def forward(self, inputs: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:  # type: ignore[override]
        """Inputs (steps, ..., features) and a state (1, ..., units) to the states (steps, ..., units) and the last one."""
        inner, weight, inner_bias, bias = self.parameters()
        hidden = state[0]
        gates, candidate = slice(0, 2 * self.hidden_size), slice(2 * self.hidden_size, None)
        states = []
        for row in functional.linear(inputs, inner, inner_bias):
            reset, update = torch.sigmoid(
                row[..., gates] + functional.linear(hidden, weight[gates], bias[gates])
            ).chunk(2, -1)
            new = torch.tanh(
                row[..., candidate] + functional.linear(reset * hidden, weight[candidate], bias[candidate])
            )
            hidden = (1 - update) * new + update * hidden
            states.append(hidden)
        return torch.stack(states), hidden[None]


class CoupledLSTM(nn.LSTM):
    """One layer whose input gate is 1 less the forget gate, so that the cell mixes where it would add (Greff et al. 2017).

    Parameters, their names and shapes are those of `torch.nn.LSTM`; those of the input gate go unused.
    """

    def forward(  # type: ignore[override]
        self, inputs: Tensor, memory: tuple[Tensor, Tensor]
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """Inputs (steps, ..., features), a state and a cell (1, ..., units) to the states and the last memory."""
        inner, weight, inner_bias, bias = self.parameters()
        state, cell = memory[0][0], memory[1][0]
        states = []
        for row in functional.linear(inputs, inner, inner_bias):
            _, forget, candidate, output = (row + functional.linear(state, weight, bias)).chunk(4, -1)
            kept = torch.sigmoid(forget)
            cell = kept * cell + (1 - kept) * torch.tanh(candidate)
            state = torch.sigmoid(output) * torch.tanh(cell)
            states.append(state)
        return torch.stack(states), (state[None], cell[None])


class AlternatingRNN(nn.RNN):
    """One layer that takes its recurrent weights at odd steps and their transpose at even ones.

    Parameters, their names and shapes are those of `torch.nn.RNN`.
    """

    def forward(self, inputs: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:  # type: ignore[override]
        """Inputs (steps, ..., features) and a state (1, ..., units) to the states (steps, ..., units) and the last one."""
        inner, weight, inner_bias, bias = self.parameters()
        states: list[Tensor] = []
        hidden, weights = state[0], [weight, weight.t()]
        for row in functional.linear(inputs, inner, inner_bias):
            hidden = torch.tanh(row + functional.linear(hidden, weights[len(states) % 2], bias))
            states.append(hidden)
        return torch.stack(states), hidden[None]


def untied(input_size: int, hidden_size: int, *, steps: int) -> nn.Module:
    """A plain recurrent network unrolled over so many steps, each with weights of its own."""
    return nn.ModuleList(nn.RNNCell(input_size, hidden_size) for _ in range(steps))


class EncoderDecoder(nn.Module):
    """A recurrent encoder and a recurrent decoder, with or without attention (Sutskever et al. 2014; Luong et al. 2015).

    Both are Elman's, h_t = tanh(W [x_t, h_{t-1}] + b), of linear layers: `torch.nn.RNNCell` has no batching rule for
    ensembles. After each symbol the encoder writes a code, a few numbers between -1 and 1, to which noise is added: all
    that the decoder learns of the symbols. Without attention it starts from the last code, and reads nothing else; with
    attention it reads at each step a mean of all codes, with the weights softmax(W h_t) ("location-based", Luong et al.
    2015, section 3.1).

    Attributes:
        sizes: Of the alphabet, and of a code.
        length: The number of symbols of a sequence, and of the answer.
    """

    def __init__(self, symbols: int, length: int, code: int, *, attention: bool, units: int = 16) -> None:
        """Make the network.

        Args:
            symbols: The size of the alphabet.
            length: The number of symbols.
            code: The numbers of a code.
            attention: Whether the decoder reads all codes, and not the last alone.
            units: The numbers of a state, of the encoder and of the decoder.
        """
        super().__init__()
        self.sizes, self.length = [symbols, code], length
        self.encoder = nn.Linear(symbols + units, units)
        self.code = nn.Linear(units, code)
        self.start = nn.Linear(code, units)
        self.weights = nn.Linear(units, length) if attention else None
        self.decoder = nn.Linear(length + units, units)
        self.output = nn.Linear(units + (code if attention else 0), symbols)

    def forward(self, inputs: Tensor) -> Tensor:
        """For each step a one-hot symbol and the noise of its code, flat, to logits (samples, length, symbols)."""
        codes, found = self._states(inputs)
        if self.weights is not None:
            found = torch.cat([found, torch.softmax(self.weights(found), 2) @ codes], 2)
        logits: Tensor = self.output(found)
        return logits

    def attention(self, inputs: Tensor) -> Tensor:
        """How much of each code the decoder reads at each step, (samples, length, length); only with attention."""
        assert self.weights is not None
        return torch.softmax(self.weights(self._states(inputs)[1]), 2)

    def _states(self, inputs: Tensor) -> tuple[Tensor, Tensor]:
        """The codes (samples, length, code), and the states of the decoder (samples, length, units)."""
        symbols, noise = torch.split(inputs.view(len(inputs), self.length, -1), self.sizes, dim=2)
        state = inputs.new_zeros(len(inputs), self.start.out_features)
        states = []
        for symbol in symbols.unbind(1):
            state = torch.tanh(self.encoder(torch.cat([symbol, state], 1)))
            states.append(state)
        codes = torch.tanh(self.code(torch.stack(states, 1))) + noise
        state, answers = torch.tanh(self.start(codes[:, -1])), []
        for place in torch.eye(self.length, dtype=inputs.dtype, device=inputs.device):
            state = torch.tanh(self.decoder(torch.cat([place.expand(len(inputs), -1), state], 1)))
            answers.append(state)
        return codes, torch.stack(answers, 1)
