"""Layers learn without transposed weights."""

from dlverify import Assumption, Claim, mostly, vary
from dlverify.experiments.differentiation import Feedback, FeedbackErrors


def a_hundredth(experiment: FeedbackErrors, given: Feedback) -> float:
    """1 % of the error of the map 0. One direction that is not learned leaves 1 / hidden of it, 25 %."""
    return 0.01


CLAIM = Claim(
    entry="backprop-in-the-brain",
    says="Two linear layers with a bottleneck learn a map although errors come back to the first through a fixed random matrix in "
    "place of the transposed weights of the second; through one that is redrawn in each step they do not.",
    paper="Lillicrap, Cownden, Tweed & Akerman 2016; Crick 1989",
    experiments=vary(FeedbackErrors(), feedback=("fixed", "transposed")),
    predict=a_hundredth,
    # Pilots, 328 seeds of two other roots: 0.954, standard error 0.012; transposed 152 of 152, redrawn 5 of 88, zero 0 of 64.
    judge=mostly("below", p0=0.5, p1=0.9),
    assumptions=(
        Assumption("kept", "the feedback matrix stays the same", broken_by={"feedback": "redrawn"}),
        Assumption("fed-back", "errors reach the first layer at all", broken_by={"feedback": "zero"}),
    ),
    why_graded="That random feedback is good enough is a statement about most draws of it, which no single run can carry.",
)
