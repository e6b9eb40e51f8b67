"""AlexNet needs 227 pixels a side, or 224 and padding, for the 55 positions of its first layer."""

from fractions import Fraction

from dlverify import Assumption, Claim, Erratum, equal, vary
from dlverify.experiments.classification import FeatureMaps

NEURONS = {256: 186_624, 384: 64_896}
"""Printed for the second layer, of 256 maps, and for the third and the fourth, of 384."""


def from_the_printed_neurons(experiment: FeatureMaps, given: None) -> list[Fraction]:
    """Sides s with s^2 maps neurons as printed: 27 and 13. What comes before follows by n = (m - 1) stride + kernel - 2 padding.

    So 27 positions of a pool of 3 pixels at stride 2 come from 55. Of 55 the first convolution makes 55 from 227, with
    kernel 11 and stride 4. Behind the last convolution the pool leaves (13 - 3) / 2 + 1 = 6. A convolution, its ReLU and
    its normalisation are of one size.
    """
    second, third = (round((number / maps) ** 0.5) for maps, number in NEURONS.items())
    first, last = (second - 1) * 2 + 3, Fraction(third - 3, 2) + 1
    sides = [first] * 3 + [second] * 4 + [third] * 7 + [last]
    return [Fraction(side) for side in sides]


NETWORK = "dlverify.lab.architectures.classification:alexnet"
CLAIM = Claim(
    entry="alexnet-224-arithmetic",
    says="The numbers of neurons that AlexNet's paper prints belong to maps of 27 and 13 pixels a side, hence of 55 behind the first "
    "layer: from images of 227 pixels, or of 224 with padding 2 and one line left over. From 224 without padding come 54, 26 "
    "and 12. (For the first layer it prints 253,440, which is 55 x 48 x 96, where 55 x 55 x 96 is 290,400.)",
    paper="Krizhevsky, Sutskever & Hinton 2012, section 3.5 and figure 2",
    experiments=vary(FeatureMaps(f"{NETWORK}(classes=None)", report="pixels"), pixels=(227,))
    + vary(FeatureMaps(f"{NETWORK}(classes=None, padding=2)", report="pixels"), pixels=(224,)),
    predict=from_the_printed_neurons,
    judge=equal(),
    assumptions=(
        Assumption(
            "padding",
            "images of 224 pixels are padded",
            broken_by={"network": f"{NETWORK}(classes=None)"},
            case="224",
        ),
    ),
    errata=(
        Erratum(
            "images-of-224-pixels",
            "the images have 224 pixels a side, nothing being said of padding: (224 - 11) / 4 + 1 = 54.25 is no integer",
            number=60,
            broken_by={"pixels": 224},
        ),
    ),
)
