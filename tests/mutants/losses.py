"""Losses, each wrong in one point."""

import torch
from torch import nn
from torch.nn import functional

from tests.mutants import mutant


@mutant("torch.nn.MSELoss")
class SummedSquares(nn.MSELoss):
    """Squares are added up where they should be averaged."""

    def forward(self, outputs, targets):
        loss = functional.mse_loss(outputs, targets, reduction="none")
        return loss if self.reduction == "none" else loss.sum()


@mutant("torch.nn.MSELoss")
class HalvedSquares(nn.MSELoss):
    """Half the mean square, as many books have it and torch has not."""

    def forward(self, outputs, targets):
        return super().forward(outputs, targets) / 2


@mutant("torch.nn.MSELoss")
class RootOfSquares(nn.MSELoss):
    """The average over outputs is a sum: only samples are averaged."""

    def forward(self, outputs, targets):
        loss = functional.mse_loss(outputs, targets, reduction="none")
        return loss.flatten(1).sum(1).mean() if self.reduction == "mean" and loss.dim() > 1 else _reduced(self, loss)


def _reduced(module, loss):
    return {"none": loss, "mean": loss.mean(), "sum": loss.sum()}[module.reduction]


@mutant("torch.nn.L1Loss")
class RoundedL1(nn.L1Loss):
    """Huber's loss with delta .01: a rounded corner."""

    def forward(self, outputs, targets):
        return functional.smooth_l1_loss(outputs, targets, reduction=self.reduction, beta=0.01)


@mutant("torch.nn.L1Loss")
class SquaredL1(nn.L1Loss):
    """Squares in the place of absolute values."""

    def forward(self, outputs, targets):
        return functional.mse_loss(outputs, targets, reduction=self.reduction)


@mutant("torch.nn.HuberLoss")
class HuberDividedByDelta(nn.HuberLoss):
    """SmoothL1: the loss is divided by delta."""

    def forward(self, outputs, targets):
        return functional.smooth_l1_loss(outputs, targets, reduction=self.reduction, beta=self.delta)


@mutant("torch.nn.SmoothL1Loss")
class SmoothL1NotDivided(nn.SmoothL1Loss):
    """Huber's loss: it is not divided by beta."""

    def forward(self, outputs, targets):
        return functional.huber_loss(outputs, targets, reduction=self.reduction, delta=self.beta)


def _cross_entropy(self, logits, targets, **changes):
    options = {
        "weight": self.weight,
        "ignore_index": self.ignore_index,
        "reduction": self.reduction,
        "label_smoothing": self.label_smoothing,
    }
    return functional.cross_entropy(logits, targets, **{**options, **changes})


@mutant("torch.nn.CrossEntropyLoss")
class CrossEntropyInBits(nn.CrossEntropyLoss):
    """The logarithm is to base two."""

    def forward(self, logits, targets):
        return super().forward(logits, targets) / 0.6931471805599453


@mutant("torch.nn.CrossEntropyLoss")
class CrossEntropySummed(nn.CrossEntropyLoss):
    """Losses are added up where they should be averaged."""

    def forward(self, logits, targets):
        return _cross_entropy(self, logits, targets, reduction="none" if self.reduction == "none" else "sum")


@mutant("torch.nn.CrossEntropyLoss")
class SmoothingOfTheOthers(nn.CrossEntropyLoss):
    """Label smoothing spreads its mass over the other classes, not over all."""

    def forward(self, logits, targets):
        classes = logits.shape[1]
        smoothing = self.label_smoothing * classes / (classes - 1)
        return _cross_entropy(self, logits, targets, label_smoothing=min(smoothing, 1.0))


@mutant("torch.nn.CrossEntropyLoss")
class CrossEntropyOverTheFirstAxis(nn.CrossEntropyLoss):
    """Probabilities are normalised over samples, not over classes."""

    def forward(self, logits, targets):
        if logits.dim() < 2:
            return super().forward(logits, targets)
        logs = functional.log_softmax(logits, 0)
        if targets.is_floating_point():
            return _reduced(self, -(targets * logs).sum(1))
        return functional.nll_loss(logs, targets, self.weight, reduction=self.reduction)


@mutant("torch.nn.CrossEntropyLoss")
class CrossEntropyWithFixedNormalizer(nn.CrossEntropyLoss):
    """No gradient passes through the logarithm of the sum."""

    def forward(self, logits, targets):
        total = torch.logsumexp(logits, 1, keepdim=True)
        return super().forward(logits, targets) + _value_only(total, self.reduction)


def _value_only(total, reduction):
    """Zero, whose gradient takes that of the mean logarithm of the sum away."""
    gone = total.detach() - total
    return gone.squeeze(1) if reduction == "none" else gone.mean() if reduction == "mean" else gone.sum()


@mutant("torch.nn.CrossEntropyLoss")
class CrossEntropyOfProbabilities(nn.CrossEntropyLoss):
    """The softmax is taken twice."""

    def forward(self, logits, targets):
        return super().forward(functional.softmax(logits, 1), targets)


@mutant("torch.nn.BCELoss")
class OneSidedBCE(nn.BCELoss):
    """The term of the zeros is missing."""

    def forward(self, probabilities, targets):
        return _reduced(self, -targets * probabilities.log().clamp(min=-100))


@mutant("torch.nn.BCEWithLogitsLoss")
class UnstableBCE(nn.BCEWithLogitsLoss):
    """The logarithm is taken of a rounded sigmoid, so that large logits lose the loss."""

    def forward(self, logits, targets):
        return functional.binary_cross_entropy(torch.sigmoid(logits), targets, self.weight, reduction=self.reduction)


@mutant("torch.nn.BCEWithLogitsLoss")
class BCEOfSwappedLabels(nn.BCEWithLogitsLoss):
    """Zeros and ones have changed places."""

    def forward(self, logits, targets):
        return super().forward(logits, 1 - targets)


@mutant("torch.nn.KLDivLoss")
class ReversedKL(nn.KLDivLoss):
    """The divergence is taken the other way round."""

    def forward(self, logs, targets):
        if self.log_target:
            return functional.kl_div(targets, logs, reduction=self.reduction, log_target=True)
        return functional.kl_div(targets.clamp(min=1e-300).log(), logs.exp(), reduction=self.reduction)


@mutant("torch.nn.KLDivLoss")
class CrossEntropyAsKL(nn.KLDivLoss):
    """The entropy of the target is not taken off."""

    def forward(self, logs, targets):
        loss = -(targets.exp() if self.log_target else targets) * logs
        return loss.sum() / len(loss) if self.reduction == "batchmean" else _reduced(self, loss)


@mutant("torch.nn.GaussianNLLLoss")
class GaussianWithoutHalf(nn.GaussianNLLLoss):
    """The half before the squared error is missing."""

    def forward(self, outputs, targets, variances):
        return super().forward(outputs, targets, variances) + _reduced(
            self, (outputs - targets).square() / variances / 2
        )


@mutant("torch.nn.GaussianNLLLoss")
class GaussianWithDeviation(nn.GaussianNLLLoss):
    """The variance is taken for a standard deviation."""

    def forward(self, outputs, targets, variances):
        return super().forward(outputs, targets, variances**2)


@mutant("torch.nn.NLLLoss")
class PositiveNLL(nn.NLLLoss):
    """The sign is wrong."""

    def forward(self, logs, targets):
        return -super().forward(logs, targets)
