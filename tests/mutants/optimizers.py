"""Optimizers, each wrong in one point."""

import numpy as np

from tests.implementations import numpy_optimizers as right
from tests.mutants import mutant


@mutant("torch.optim.SGD")
class AveragedMomentum(right.SGD):
    """The gradient enters the momentum with weight 1 - momentum."""

    def velocity(self, g, state, group):
        return group["momentum"] * state["velocity"] + (1 - group["momentum"]) * g if "velocity" in state else g.copy()


@mutant("torch.optim.SGD")
class NesterovWithoutLookAhead(right.SGD):
    """Nesterov's momentum steps along the velocity, without looking ahead."""

    def ahead(self, g, v, group):
        return v


@mutant("torch.optim.SGD")
class NesterovWithoutMomentumAhead(right.SGD):
    """Nesterov's look-ahead adds the whole velocity, not momentum times it."""

    def ahead(self, g, v, group):
        return g + v if group["nesterov"] else v


@mutant("torch.optim.SGD")
class MomentumThatForgetsTheFirst(right.SGD):
    """The velocity starts at zero after the first step, so the first gradient is forgotten."""

    def velocity(self, g, state, group):
        return g.copy() if state["step"] <= 2 else super().velocity(g, state, group)


@mutant("torch.optim.SGD")
class DoubledDecay(right.SGD):
    """Weight decay adds 2 lambda w, the gradient of lambda w^2, instead of lambda w."""

    def update(self, x, g, state, group):
        super().update(x, g + group["weight_decay"] * x, state, group)


@mutant("torch.optim.SGD")
class DecayOfTheSign(right.SGD):
    """Weight decay adds lambda sign(w), which is L1's, instead of lambda w."""

    def update(self, x, g, state, group):
        super().update(x, g + group["weight_decay"] * (np.sign(x) - x), state, group)


@mutant("torch.optim.SGD")
class FirstStepTwice(right.SGD):
    """The first step is made with twice the learning rate."""

    def direction(self, g, state, group):
        return super().direction(g, state, group) * (2 if state["step"] == 1 else 1)


@mutant("torch.optim.Adagrad")
class ForgetfulAdagrad(right.Adagrad):
    """The accumulator forgets a thousandth of itself at every step."""

    def accumulated(self, before, g):
        return 0.999 * before + g * g


@mutant("torch.optim.Adagrad")
class AdagradWithoutRoot(right.Adagrad):
    """The square root of the summed squares is missing."""

    def ratio(self, g, total, eps):
        return g / (total + eps)


@mutant("torch.optim.Adagrad")
class AdagradEpsilonInside(right.Adagrad):
    """Epsilon stands inside the root."""

    def ratio(self, g, total, eps):
        return g / np.sqrt(total + eps)


@mutant("torch.optim.Adagrad")
class AdagradOfSizes(right.Adagrad):
    """Sizes of gradients are summed and squared, instead of squares summed."""

    def accumulated(self, before, g):
        return (np.sqrt(before) + abs(g)) ** 2


@mutant("torch.optim.Adagrad")
class AdagradOfTheWholeTensor(right.Adagrad):
    """All coordinates share the largest accumulator of their tensor."""

    def ratio(self, g, total, eps):
        return g / (np.sqrt(total.max()) + eps)


@mutant("torch.optim.RMSprop")
class RMSpropSwapped(right.RMSprop):
    """alpha and 1 - alpha have changed places."""

    def mean(self, before, g, alpha):
        return (1 - alpha) * before + alpha * g * g


@mutant("torch.optim.RMSprop")
class RMSpropCorrected(right.RMSprop):
    """The mean square is corrected for its start at zero, as Adam's is."""

    def update(self, x, g, state, group):
        self.correction = 1 - group["alpha"] ** state["step"]
        super().update(x, g, state, group)

    def ratio(self, g, mean, eps):
        return super().ratio(g, mean / self.correction, eps)


@mutant("torch.optim.Adadelta")
class AdadeltaUndamped(right.Adadelta):
    """The mean square of the steps keeps no memory."""

    def moved(self, moves, d, rho):
        return (1 - rho) * d * d


@mutant("torch.optim.Adadelta")
class AdadeltaFrozen(right.Adadelta):
    """The mean square of the steps is never updated."""

    def moved(self, moves, d, rho):
        return moves


@mutant("torch.optim.Adam")
class AdamWithoutFirstCorrection(right.Adam):
    """The first moment is not corrected for its start at zero."""

    def ratio(self, m, v, c1, c2, eps):
        return super().ratio(m, v, 1.0, c2, eps)


@mutant("torch.optim.Adam")
class AdamWithoutSecondCorrection(right.Adam):
    """The second moment is not corrected for its start at zero."""

    def ratio(self, m, v, c1, c2, eps):
        return super().ratio(m, v, c1, 1.0, eps)


@mutant("torch.optim.Adam")
class AdamCorrectionOneStepLate(right.Adam):
    """Both corrections are those of the next step."""

    def correction(self, beta, t):
        return 1 - beta ** (t + 1)


@mutant("torch.optim.Adam")
class AdamBetasSwapped(right.Adam):
    """beta_1 and beta_2 have changed places."""

    def moments(self, m, v, g, b1, b2):
        return super().moments(m, v, g, b2, b1)

    def second_correction(self, beta, t):
        return 1 - 0.9**t if beta == 0.999 else self.correction(beta, t)


@mutant("torch.optim.Adam")
class AdamEpsilonInside(right.Adam):
    """Epsilon stands inside the root."""

    def ratio(self, m, v, c1, c2, eps):
        return m / c1 / np.sqrt(v / c2 + eps)


@mutant("torch.optim.Adam")
class AdamEpsilonBeforeCorrection(right.Adam):
    """Epsilon is added before the root is corrected, so that it counts for more in early steps."""

    def ratio(self, m, v, c1, c2, eps):
        return m / c1 * np.sqrt(c2) / (np.sqrt(v) + eps)


@mutant("torch.optim.Adam")
class AdamOfSizes(right.Adam):
    """The second moment averages sizes and is squared, instead of squares."""

    def moments(self, m, v, g, b1, b2):
        return b1 * m + (1 - b1) * g, (b2 * np.sqrt(v) + (1 - b2) * abs(g)) ** 2


@mutant("torch.optim.Adam")
class AdamStaleSecondMoment(right.Adam):
    """The second moment is centred: the squared first moment is taken off."""

    def moments(self, m, v, g, b1, b2):
        return b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * (g - m) ** 2


@mutant("torch.optim.Adam")
class AdamSinglePrecision(right.Adam):
    """The step is rounded to float32 on its way."""

    def ratio(self, m, v, c1, c2, eps):
        return super().ratio(m, v, c1, c2, eps).astype(np.float32)


@mutant("torch.optim.Adam")
class AMSGradOfTheLast(right.Adam):
    """AMSGrad keeps the last second moment, not the largest."""

    def largest(self, largest, v):
        return v


@mutant("torch.optim.Adam")
class DecoupledAdam(right.Adam):
    """Weight decay is decoupled, which makes it AdamW."""

    def decayed(self, x, g, group):
        x *= 1 - group["lr"] * group["weight_decay"]
        return g


@mutant("torch.optim.AdamW")
class CoupledAdamW(right.AdamW):
    """Weight decay goes through the moments, which makes it Adam's L2 penalty."""

    def decayed(self, x, g, group):
        return g + group["weight_decay"] * x


@mutant("torch.optim.AdamW")
class AdamWDecayWithoutRate(right.AdamW):
    """Weights decay by 1 - lambda instead of 1 - lr lambda."""

    def decayed(self, x, g, group):
        x *= 1 - group["weight_decay"]
        return g


@mutant("torch.optim.AdamW")
class AdamWDecayAfterTheStep(right.AdamW):
    """The step decays with the weights, since weights decay after it."""

    def update(self, x, g, state, group):
        shrink = 1 - group["lr"] * group["weight_decay"]
        super().update(x, g, state, {**group, "weight_decay": 0})
        x *= shrink
