"""A linear autoencoder mixes the components it spans."""

from dlverify import Assumption, Claim, mostly, vary
from dlverify.experiments.autoencoders import Start, TrainedSubspace


def slanted(experiment: TrainedSubspace, given: Start) -> float:
    """0.01: five times what is left under a penalty of 0.1 |W|^2 / 2 on all weights after as many steps.

    Principal components are orthogonal. The loss alone does not ask for that: it is the same for any invertible change of
    code. A penalty, however small, is least where the columns are orthogonal (Kunin et al. 2019).
    """
    return 0.01


CLAIM = Claim(
    entry="linear-autoencoder-equals-pca",
    says="Columns of a trained linear decoder are not orthogonal, as principal components are, unless weights are penalised.",
    paper="Plaut 2018; Kunin, Bloom, Goeva & Seed 2019",
    experiments=vary(TrainedSubspace(report="slant", steps=1000)),
    predict=slanted,
    # Pilot, 256 seeds of another root: 246 above, standard error 0.012, median 0.13; under the penalty all below 0.0022.
    judge=mostly("above", p0=0.5, p1=0.9),
    assumptions=(
        Assumption(
            "unpenalised",
            "nothing but the error is minimised",
            broken_by={"optimizer": "torch.optim:SGD(weight_decay=0.1)"},
        ),
    ),
    why_graded="where descent from random weights ends is a matter of most seeds; the freedom of the code is proved in "
    "the_code_of_a_linear_autoencoder_is_fixed_up_to_an_invertible_matrix",
)
