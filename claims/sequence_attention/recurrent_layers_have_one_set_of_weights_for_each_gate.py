"""Recurrent layers have one set of weights for each gate, whatever the number of steps."""

from dlverify import Assumption, Claim, Erratum, equal, vary
from dlverify.experiments.counting import Parameters

SETS = {"RNN": 1, "GRU": 3, "LSTM": 4}
"""Affine maps: the candidate, and two (reset, update) or three (input, forget, output) gates."""


def counted(experiment: Parameters, given: None) -> int:
    """k (n h + h^2 + 2 h) for each layer and direction: k maps from n inputs and h states, torch's with two biases each.

    A layer above the first reads the states of all directions below it.
    """
    sizes = dict(experiment.network.arguments)
    h, layers, directions = sizes["hidden_size"], sizes.get("num_layers", 1), 1 + sizes.get("bidirectional", False)
    inputs = [sizes["input_size"]] + [h * directions] * (layers - 1)
    sets = SETS.get(experiment.network.role.rpartition(".")[2].removesuffix("Cell"), 1)
    return sum(directions * sets * (n * h + h * h + 2 * h) for n in inputs)


def no_weights(experiment: Parameters, given: None) -> int:
    """A pointwise nonlinearity, as ReLU, sigmoid and tanh are, has no parameters."""
    return 0


CLAIM = Claim(
    entry="lstm",
    says="From n inputs to h units a plain recurrent layer of torch has nh + h^2 + 2h parameters, a GRU three and an LSTM four "
    "times as many, whatever the number of steps: 640, 1,920 and 2,560 from 10 to 20.",
    paper="Hochreiter & Schmidhuber 1997; Gers, Schmidhuber & Cummins 2000; Cho et al. 2014; Sutskever, Vinyals & Le 2014, "
    "section 3.4: 32 million weights in each of two LSTMs of four layers of 1000 units",
    experiments=vary(
        Parameters(report="total"),
        network=(
            "torch.nn:LSTM(input_size=10, hidden_size=20)",
            "torch.nn:GRU(input_size=10, hidden_size=20)",
            "torch.nn:RNN(input_size=10, hidden_size=20)",
            "torch.nn:LSTMCell(input_size=10, hidden_size=20)",
            "torch.nn:GRU(input_size=10, hidden_size=20, num_layers=2, bidirectional=True)",
            "torch.nn:LSTM(input_size=1000, hidden_size=1000, num_layers=4)",
        ),
    ),
    predict=counted,
    judge=equal(),
    assumptions=(
        Assumption(
            "two-biases",
            "inputs and states each bring a bias, where textbooks have one",
            broken_by={"network": "torch.nn:LSTM(input_size=10, hidden_size=20, bias=False)"},
        ),
        Assumption(
            "tied",
            "all steps share their weights",
            case="rnn-input-size-10-hidden-size-20",
            broken_by={
                "network": "dlverify.lab.architectures.recurrent:untied(input_size=10, hidden_size=20, steps=50)"
            },
        ),
    ),
    errata=(
        Erratum("nonlinearity", "The LSTM and the GRU are nonlinearities, as ReLU is.", number=49, predict=no_weights),
    ),
)
