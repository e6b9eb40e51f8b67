"""Group norm never mixes samples: what it returns for one does not change, in any bit, with the rest of the batch."""

from dlverify import Assumption, Claim, equal, vary
from dlverify.experiments.normalization import Batches, LayerOutputs


def alone(experiment: LayerOutputs, given: Batches) -> bool:
    """Yes for every sample: all that goes into its output are its own values, the scale and the shift."""
    return True


CLAIM = Claim(
    entry="group-norm",
    says="What group, layer and instance norm return for a sample is, bit for bit, what they return for it alone.",
    paper="Wu & He 2018, section 3",
    experiments=vary(LayerOutputs("torch.nn:GroupNorm", "groups and channels", report="alone"), groups=(2, 1, 8))
    + vary(LayerOutputs(called_with="shape", report="alone"), layer=("torch.nn:LayerNorm",))
    + vary(LayerOutputs(report="alone"), layer=("torch.nn:InstanceNorm2d(affine=True)",)),
    predict=alone,
    judge=equal(),
    assumptions=(
        Assumption(
            "not-over-the-batch",
            "nothing is averaged over the batch",
            broken_by={"layer": "torch.nn:BatchNorm2d", "called_with": "channels"},
        ),
    ),
)
