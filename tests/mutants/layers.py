"""Layers and activations, each wrong in one point."""

import torch
from torch import nn
from torch.nn import functional

from tests.implementations import layers as right
from tests.mutants import mutant


class _Passed(torch.autograd.Function):
    """ReLU whose derivative is not zero where it should be."""

    @staticmethod
    def forward(ctx, x, leak):
        ctx.save_for_backward(x)
        ctx.leak = leak
        return x.clamp(min=0)

    @staticmethod
    def backward(ctx, gradient):
        (x,) = ctx.saved_tensors
        return torch.where(x > 0, gradient, ctx.leak * gradient), None


@mutant("torch.nn.ReLU")
class CappedReLU(nn.ReLU):
    """Values beyond six are cut off."""

    def forward(self, x):
        return functional.relu6(x)


@mutant("torch.nn.ReLU")
class ReLUThatLeaksGradient(nn.ReLU):
    """A hundredth of the gradient passes where the output is zero."""

    def forward(self, x):
        return _Passed.apply(x, 0.01)


@mutant("torch.nn.ReLU")
class ShiftedReLU(nn.ReLU):
    """The kink lies at a thousandth."""

    def forward(self, x):
        return functional.threshold(x, 1e-3, 0.0)


@mutant("torch.nn.LeakyReLU")
class LeakyReLUOfTwoHundredths(nn.LeakyReLU):
    """The slope for negative numbers is the square root of what it should be."""

    def forward(self, x):
        return functional.leaky_relu(x, self.negative_slope**0.5)


@mutant("torch.nn.Sigmoid")
class SigmoidOfDouble(nn.Sigmoid):
    """(1 + tanh x) / 2, which is the sigmoid of 2x."""

    def forward(self, x):
        return (1 + torch.tanh(x)) / 2


@mutant("torch.nn.Sigmoid")
class SigmoidOfSegments(nn.Sigmoid):
    """The piecewise linear approximation of the sigmoid."""

    def forward(self, x):
        return functional.hardsigmoid(x)


@mutant("torch.nn.Sigmoid")
class SigmoidInSinglePrecision(nn.Sigmoid):
    """The argument is rounded to float32 on its way."""

    def forward(self, x):
        return super().forward(x.float()).to(x.dtype)


@mutant("torch.nn.Tanh")
class TanhInSinglePrecision(nn.Tanh):
    """The argument is rounded to float32 on its way."""

    def forward(self, x):
        return super().forward(x.float()).to(x.dtype)


@mutant("torch.nn.Tanh")
class TanhOfHalf(nn.Tanh):
    """2 sigmoid(x) - 1, which is the tanh of x / 2."""

    def forward(self, x):
        return 2 * torch.sigmoid(x) - 1


@mutant("torch.nn.Tanh")
class SoftSign(nn.Tanh):
    """x / (1 + abs(x)), which has the same shape and slower tails."""

    def forward(self, x):
        return functional.softsign(x)


@mutant("torch.nn.Softmax")
class SoftmaxOverTheFirstAxis(nn.Softmax):
    """The softmax is taken over the first axis."""

    def forward(self, x):
        return functional.softmax(x, 0)


@mutant("torch.nn.Softmax")
class SoftmaxInBaseTwo(nn.Softmax):
    """Powers of two take the place of powers of e."""

    def forward(self, x):
        return functional.softmax(x * 0.6931471805599453, self.dim)


@mutant("torch.nn.Linear")
class LinearWithTwoBiases(nn.Linear):
    """The bias is added twice."""

    def forward(self, x):
        outputs = super().forward(x)
        return outputs if self.bias is None else outputs + self.bias


@mutant("torch.nn.Linear")
class LinearInSinglePrecision(nn.Linear):
    """The product is computed in float32."""

    def forward(self, x):
        bias = None if self.bias is None else self.bias.float()
        return functional.linear(x.float(), self.weight.float(), bias).to(x.dtype)


@mutant("torch.nn.Linear")
class LinearWithDetachedInput(nn.Linear):
    """No gradient reaches the input."""

    def forward(self, x):
        return super().forward(x.detach())


@mutant("torch.nn.Linear")
class LinearWithoutBias(nn.Linear):
    """The bias is there and never added."""

    def forward(self, x):
        return functional.linear(x, self.weight)


@mutant("torch.nn.Dropout")
class DropoutWithoutRescaling(nn.Dropout):
    """What is kept is not divided by the probability of being kept."""

    def forward(self, x):
        return super().forward(x) * (1 - self.p) if self.training else x


@mutant("torch.nn.Dropout")
class DropoutInEvaluation(nn.Dropout):
    """It drops in evaluation too."""

    def forward(self, x):
        return functional.dropout(x, self.p, True)


@mutant("torch.nn.Dropout")
class DropoutThatKeeps(nn.Dropout):
    """p is the probability of being kept."""

    def forward(self, x):
        return functional.dropout(x, 1 - self.p, self.training)


@mutant("torch.nn.Dropout")
class DropoutOfRows(nn.Dropout):
    """All units of a sample are dropped together."""

    def forward(self, x):
        mask = functional.dropout(torch.ones_like(x[..., :1]), self.p, self.training)
        return x * mask


class _UnbiasedVariance:
    """The unbiased variance normalises."""

    def statistics(self, x, axes):
        return x.mean(axes), x.var(axes, unbiased=True)


class _EpsilonOutside:
    """Epsilon stands outside the root."""

    def divided(self, x, variance):
        return x / (torch.sqrt(variance) + self.eps)


class _NeverUpdated:
    """Running statistics are never updated."""

    def update(self, mean, variance, count):
        pass


class _BiasedRunningVariance:
    """The running variance is the biased one."""

    def update(self, mean, variance, count):
        super().update(mean, variance * (count - 1) / count, count)


class _MomentumOfTheOld:
    """momentum is the share of the old statistics, as in another library, with torch's default."""

    def mix(self, mean, variance, share):
        super().mix(mean, variance, 1 - share)


class _BatchInEvaluation:
    """The batch's own statistics are used in evaluation too."""

    def uses_batch(self):
        return True


class _DetachedStatistics:
    """No gradient passes through the mean and the variance."""

    def statistics(self, x, axes):
        return tuple(part.detach() for part in super().statistics(x, axes))


for _defect in (
    _UnbiasedVariance,
    _EpsilonOutside,
    _NeverUpdated,
    _BiasedRunningVariance,
    _MomentumOfTheOld,
    _BatchInEvaluation,
    _DetachedStatistics,
):
    _name = f"BatchNorm{_defect.__name__}".replace("_", "")
    mutant("torch.nn.BatchNorm1d")(type(_name, (_defect, right.BatchNorm1d), {"__doc__": _defect.__doc__}))


@mutant("torch.nn.LayerNorm")
class LayerNormOverTheBatch(nn.LayerNorm):
    """Mean and variance are those of the batch, not of the sample."""

    def forward(self, x):
        normal = (x - x.mean(0)) / torch.sqrt(x.var(0, unbiased=False) + self.eps)
        return normal if self.weight is None else normal * self.weight + self.bias


@mutant("torch.nn.LayerNorm")
class LayerNormUncentred(nn.LayerNorm):
    """The mean is not taken off, which makes it RMSNorm."""

    def forward(self, x):
        normal = functional.rms_norm(x, self.normalized_shape, None, self.eps)
        return normal if self.weight is None else normal * self.weight + self.bias


@mutant("torch.nn.GroupNorm")
class GroupNormInterleaved(nn.GroupNorm):
    """Every n-th channel makes a group, not n neighbours."""

    def forward(self, x):
        order = torch.arange(x.shape[1]).view(-1, self.num_groups).T.flatten()
        normal = functional.group_norm(x[:, order], self.num_groups, None, None, self.eps)[:, order.argsort()]
        shape = (-1, *(1 for _ in x.shape[2:]))
        return normal if self.weight is None else normal * self.weight.view(shape) + self.bias.view(shape)


@mutant("torch.nn.GroupNorm")
class GroupNormOfOneGroup(nn.GroupNorm):
    """All channels make one group."""

    def forward(self, x):
        return functional.group_norm(x, 1, self.weight, self.bias, self.eps)


@mutant("torch.nn.InstanceNorm2d")
class InstanceNormOverChannels(nn.InstanceNorm2d):
    """All channels of a sample are normalised together."""

    def forward(self, x):
        return functional.group_norm(x, 1, self.weight, self.bias, self.eps)


class _Convolution:
    """A convolution by torch whose parts can be changed."""

    def forward(self, x):
        return self._conv_forward(x, self.kernel(), self.bias)

    def kernel(self):
        return self.weight


class _Flipped(_Convolution):
    """The kernel is flipped, which makes it a convolution in the sense of signal processing."""

    def kernel(self):
        return self.weight.flip(tuple(range(2, self.weight.dim())))


class _Averaged(_Convolution):
    """Products are averaged over the input channels, not added up."""

    def kernel(self):
        return self.weight / self.weight.shape[1]


class _BiasDropped(_Convolution):
    """The bias is there and never added."""

    def forward(self, x):
        return self._conv_forward(x, self.weight, None)


class _PaddedOnOneSide(_Convolution):
    """All the padding lies before the first pixel."""

    def forward(self, x):
        outputs = super().forward(x)
        if self.padding == "valid" or self.padding == "same" or not any(self.padding):
            return outputs
        sides = [size for pad in reversed(self.padding) for size in (2 * pad, 0)]
        names = {1: functional.conv1d, 2: functional.conv2d}
        convolve = names[len(self.padding)]
        return convolve(functional.pad(x, sides), self.weight, self.bias, self.stride, 0, self.dilation, self.groups)


class _UndilatedPart(_Convolution):
    """A dilated kernel is moved by one pixel."""

    def forward(self, x):
        outputs = super().forward(x)
        return outputs.roll(1, -1) if max(self.dilation) > 1 else outputs


for _defect in (_Flipped, _Averaged, _BiasDropped, _PaddedOnOneSide, _UndilatedPart):
    for _kind in (nn.Conv1d, nn.Conv2d):
        _name = f"{_kind.__name__}{_defect.__name__}".replace("_", "")
        mutant(f"torch.nn.{_kind.__name__}")(type(_name, (_defect, _kind), {"__doc__": _defect.__doc__}))


@mutant("torch.nn.ConvTranspose1d")
class FlippedConvTranspose1d(nn.ConvTranspose1d):
    """The kernel is flipped, so that it is no longer the transpose of the convolution."""

    def forward(self, x, output_size=None):
        weight = self.weight.flip(2)
        return functional.conv_transpose1d(
            x, weight, self.bias, self.stride, self.padding, self.output_padding, self.groups, self.dilation
        )


@mutant("torch.nn.ConvTranspose2d")
class FlippedConvTranspose2d(nn.ConvTranspose2d):
    """The kernel is flipped, so that it is no longer the transpose of the convolution."""

    def forward(self, x, output_size=None):
        weight = self.weight.flip((2, 3))
        return functional.conv_transpose2d(
            x, weight, self.bias, self.stride, self.padding, self.output_padding, self.groups, self.dilation
        )
