"""Schedules, clipping and initializers, each wrong in one point."""

import math

import torch
from torch.nn import init
from torch.optim import lr_scheduler

from tests.mutants import mutant


@mutant("torch.optim.lr_scheduler.StepLR")
class StepLRLate(lr_scheduler.StepLR):
    """The rate falls one step late."""

    def get_lr(self):
        drops = max(self.last_epoch - 1, 0) // self.step_size
        return [base * self.gamma**drops for base in self.base_lrs]


@mutant("torch.optim.lr_scheduler.StepLR")
class StepLRHarmonic(lr_scheduler.StepLR):
    """The k-th rate is the first divided by 1 + k (1 / gamma - 1): right after one drop, wrong after two."""

    def get_lr(self):
        drops = self.last_epoch // self.step_size
        return [base / (1 + drops * (1 / self.gamma - 1)) for base in self.base_lrs]


@mutant("torch.optim.lr_scheduler.MultiStepLR")
class MultiStepLROnce(lr_scheduler.MultiStepLR):
    """Only the first milestone counts."""

    def get_lr(self):
        passed = self.last_epoch >= min(self.milestones)
        return [base * (self.gamma if passed else 1) for base in self.base_lrs]


@mutant("torch.optim.lr_scheduler.MultiStepLR")
class MultiStepLREarly(lr_scheduler.MultiStepLR):
    """Milestones come one step early."""

    def get_lr(self):
        passed = sum(count for milestone, count in self.milestones.items() if self.last_epoch + 1 >= milestone)
        return [base * self.gamma**passed for base in self.base_lrs]


@mutant("torch.optim.lr_scheduler.CosineAnnealingLR")
class QuarterCosine(lr_scheduler.CosineAnnealingLR):
    """The rate follows a quarter of a cosine, which ends at the same value with a slope."""

    def get_lr(self):
        place = math.cos(math.pi / 2 * self.last_epoch / self.T_max)
        return [self.eta_min + (base - self.eta_min) * place for base in self.base_lrs]


@mutant("torch.optim.lr_scheduler.CosineAnnealingLR")
class CosineOffByOne(lr_scheduler.CosineAnnealingLR):
    """The half period has T_max - 1 steps."""

    def get_lr(self):
        place = (1 + math.cos(math.pi * self.last_epoch / (self.T_max - 1))) / 2
        return [self.eta_min + (base - self.eta_min) * place for base in self.base_lrs]


def _tensors(parameters):
    return [parameters] if isinstance(parameters, torch.Tensor) else list(parameters)


@mutant("torch.nn.utils.clip_grad_norm_")
def clip_each_tensor(parameters, max_norm, norm_type=2.0, **options):
    """Each tensor's norm is clipped, not the norm of all."""
    tensors = _tensors(parameters)
    before = torch.nn.utils.get_total_norm([tensor.grad for tensor in tensors], norm_type)
    for tensor in tensors:
        torch.nn.utils.clip_grad_norm_([tensor], max_norm, norm_type, **options)
    return before


@mutant("torch.nn.utils.clip_grad_norm_")
def clip_each_value(parameters, max_norm, norm_type=2.0, **options):
    """Each value is clipped, not the norm of all."""
    tensors = _tensors(parameters)
    before = torch.nn.utils.get_total_norm([tensor.grad for tensor in tensors], norm_type)
    torch.nn.utils.clip_grad_value_(tensors, float(max_norm))
    return before


@mutant("torch.nn.utils.clip_grad_norm_")
def clip_always(parameters, max_norm, norm_type=2.0, **options):
    """Gradients shorter than the norm allowed are made as long as it."""
    tensors = _tensors(parameters)
    before = torch.nn.utils.get_total_norm([tensor.grad for tensor in tensors], norm_type)
    for tensor in tensors:
        tensor.grad.mul_(max_norm / (before + 1e-6))
    return before


@mutant("torch.nn.init.kaiming_normal_")
def kaiming_normal_without_gain(tensor, a=0, mode="fan_in", nonlinearity="leaky_relu", generator=None):
    """The gain of ReLU, the root of two, is missing."""
    fan = init._calculate_correct_fan(tensor, mode)
    return init.normal_(tensor, 0.0, 1 / math.sqrt(fan), generator=generator)


@mutant("torch.nn.init.kaiming_normal_")
def kaiming_normal_of_the_outputs(tensor, a=0, mode="fan_in", nonlinearity="leaky_relu", generator=None):
    """fan_in and fan_out have changed places."""
    other = {"fan_in": "fan_out", "fan_out": "fan_in"}[mode]
    return init.kaiming_normal_(tensor, a, other, nonlinearity, generator)


@mutant("torch.nn.init.kaiming_uniform_")
def kaiming_uniform_with_deviation_as_bound(tensor, a=0, mode="fan_in", nonlinearity="leaky_relu", generator=None):
    """The standard deviation is the bound of the uniform distribution: the root of three is missing."""
    bound = init.calculate_gain(nonlinearity, a) / math.sqrt(init._calculate_correct_fan(tensor, mode))
    return init.uniform_(tensor, -bound, bound, generator=generator)


@mutant("torch.nn.init.xavier_normal_")
def xavier_normal_of_the_inputs(tensor, gain=1.0, generator=None):
    """The variance is 1 / fan_in, not 2 / (fan_in + fan_out)."""
    fan, _ = init._calculate_fan_in_and_fan_out(tensor)
    return init.normal_(tensor, 0.0, gain / math.sqrt(fan), generator=generator)


@mutant("torch.nn.init.xavier_uniform_")
def xavier_uniform_with_deviation_as_bound(tensor, gain=1.0, generator=None):
    """The standard deviation is the bound of the uniform distribution: the root of three is missing."""
    bound = gain * math.sqrt(2 / sum(init._calculate_fan_in_and_fan_out(tensor)))
    return init.uniform_(tensor, -bound, bound, generator=generator)
