"""Experiments on variational inference: the evidence lower bound, gradients through random numbers, an autoencoder of digits."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from torch.distributions import Bernoulli, Normal, kl_divergence

from dlverify.experiment import Experiment
from dlverify.lab.conditions import Lab
from dlverify.lab.data import digits
from dlverify.lab.ensembles import stepping
from dlverify.lab.modules import Modules
from dlverify.lab.subjects import Subject
from dlverify.quantity import Array, Axis, Quantity, pictures_of


@dataclass(frozen=True)
class EvidenceBounds(Experiment):
    """The evidence lower bound of one number x under many Gaussians q, where z is standard normal and x is slope z + noise.

    With the default numbers the posterior is the Gaussian of mean 2 and standard deviation 0.6, one of those tried.

    Attributes:
        distribution: Called with mean and standard deviation; has `log_prob`.
        divergence: Called with two distributions.
        penalty: "from q to the prior", the divergence that is subtracted; "from the prior to q", or "none".
        slope: How x depends on z.
        noise: Standard deviation of x at a given z.
        observed: x.
        means: Of q.
        deviations: Standard deviations of q.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32", "bfloat16")

    distribution: Subject = Subject("torch.distributions", "Normal")
    divergence: Subject = Subject("torch.distributions", "kl_divergence")
    penalty: Literal["from q to the prior", "from the prior to q", "none"] = "from q to the prior"
    slope: float = 4.0
    noise: float = 3.0
    observed: float = 12.5
    means: tuple[float, ...] = (0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0)
    deviations: tuple[float, ...] = (0.15, 0.3, 0.6, 1.2, 2.4)

    def draw(self, lab: Lab) -> tuple[Array, Array]:
        """Means and standard deviations of q as the lab's dtype has them, each of shape `(means, deviations)`."""
        means, deviations = np.meshgrid(self.means, self.deviations, indexing="ij")
        return lab.rounded(means), lab.rounded(deviations)

    def measure(self, lab: Lab, given: tuple[Array, Array]) -> Quantity:
        """The bounds, shape `(means, deviations)`."""
        mean, deviation = (lab.tensor(part) for part in given)
        one = torch.ones_like(mean)
        # log p(x | z) is quadratic in z, and of a quadratic the mean of the values at mean +- deviation is the expectation.
        at = [self.distribution(self.slope * z, self.noise * one) for z in (mean + deviation, mean - deviation)]
        bounds = sum(likelihood.log_prob(self.observed * one) for likelihood in at) / 2
        q, prior = self.distribution(mean, deviation), self.distribution(0 * one, one)
        if self.penalty != "none":
            bounds = bounds - self.divergence(*((q, prior) if self.penalty == "from q to the prior" else (prior, q)))
        axes = Axis("mean of q", self.means), Axis("standard deviation of q", self.deviations, scale="log")
        return Quantity(bounds, "evidence lower bound", "nats", axes)


@dataclass(frozen=True)
class GradientEstimates(Experiment):
    """Estimates of the derivative of E f(z) by the mean of z, which is Gaussian of standard deviation 1.

    Attributes:
        distribution: Called with mean and standard deviation; has `rsample` and `log_prob`.
        estimator: "reparameterised", the derivative of f through the samples; or "score", f times that of their log density.
        function: f: "square", or "step", 1 where z is above the mean as it is and 0 elsewhere.
        mean: The mean.
        samples: How many samples an estimate averages.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float64", "float32")

    distribution: Subject = Subject("torch.distributions", "Normal")
    estimator: Literal["reparameterised", "score"] = "reparameterised"
    function: Literal["square", "step"] = "square"
    mean: float = 4.0
    samples: int = 4096

    def draw(self, lab: Lab) -> None:
        """Nothing: the distribution draws for itself, from torch's generator."""

    def measure(self, lab: Lab, given: None) -> Quantity:
        """Each estimate and its negative, so that one judge sees both sides, shape `(members, 2)`."""
        found = []
        for member in lab.members:
            with lab.seeded("samples", member):
                mean = lab.tensor(np.array(self.mean)).requires_grad_()
                q = self.distribution(mean, torch.ones_like(mean))
                samples = q.rsample((self.samples,))
            score = self.estimator == "score"
            samples = samples.detach() if score else samples
            # The step's slope is 0 wherever it has one: 0 * z keeps it in the graph.
            above = (samples > self.mean).to(samples.dtype) + 0 * samples
            values = samples.square() if self.function == "square" else above
            (gradient,) = torch.autograd.grad((values * q.log_prob(samples) if score else values).mean(), mean)
            found.append([float(gradient), -float(gradient)])
        axes = Axis("member", tuple(lab.members)), Axis("sign", ("as it is", "negative"))
        return Quantity(found, "estimated derivative", "", axes)


@dataclass(frozen=True)
class BinaryDigits:
    """What a member's autoencoder is given; pixels are 0 or 1.

    Attributes:
        training: Shape `(members, training, 64)`.
        held_out: Shape `(members, 1797 - training, 64)`.
        orders: Minibatches, shape `(members, steps, batch)`.
        noise: For their codes, shape `(members, steps, batch, latent)`.
        held_out_noise: For the codes of held-out digits, shape `(members, 1797 - training, latent)`.
    """

    training: Array
    held_out: Array
    orders: Array
    noise: Array
    held_out_noise: Array


@dataclass(frozen=True)
class DigitsAutoencoder(Experiment):
    """The evidence lower bound that a variational autoencoder reaches on held-out digits, black where they are at least half.

    Attributes:
        network: Called with pixels, latent and hidden; then with images and noise, and returns logits of pixels, means and
            log variances of codes. If it has a `decoder` from codes to logits, what that makes of the prior is shown.
        optimizer: Called with a list of parameters and `lr`.
        codes: "of the digit" that is decoded, or "of another digit", in training and after.
        pixels: "as drawn", or each "shuffled among digits".
        training: Digits to train on; the others are held out.
        latent: Numbers of a code.
        hidden: Units of either hidden layer.
        steps: Minibatches.
        batch: Digits of each.
        lr: The learning rate.
    """

    dtypes: ClassVar[tuple[str, ...]] = ("float32", "float64")

    network: Subject = Subject("dlverify.lab.architectures.adversarial", "VariationalAutoencoder")
    optimizer: Subject = Subject("torch.optim", "Adam")
    codes: Literal["of the digit", "of another digit"] = "of the digit"
    pixels: Literal["as drawn", "shuffled among digits"] = "as drawn"
    training: int = 1200
    latent: int = 8
    hidden: int = 64
    steps: int = 200
    batch: int = 64
    lr: float = 0.01

    def draw(self, lab: Lab) -> BinaryDigits:
        """A division of the digits for each member, minibatches and noise."""
        images, parts = (digits().pixels >= 0.5).astype(np.float64), []
        for member in lab.members:
            numbers = lab.generator("division", member)
            part = images[numbers.permutation(len(images))]
            parts.append(part if self.pixels == "as drawn" else numbers.permuted(part, axis=0))
        data = np.stack(parts)
        return BinaryDigits(
            lab.rounded(data[:, : self.training]),
            lab.rounded(data[:, self.training :]),
            lab.orders("minibatches", self.training, self.batch, self.steps),
            lab.normal("noise", (self.steps, self.batch, self.latent)),
            lab.normal("held-out noise", (len(images) - self.training, self.latent)),
        )

    def measure(self, lab: Lab, given: BinaryDigits) -> Quantity:
        """The bound for each held-out digit, on average, shape `(members,)`."""
        networks = Modules(lambda: self.network(pixels=64, latent=self.latent, hidden=self.hidden))
        parameters = [tensor.requires_grad_() for tensor in networks.initial(lab)]
        step = stepping(functools.partial(self.optimizer, lr=self.lr), parameters)
        training, members = lab.tensor(given.training), torch.arange(len(given.orders))[:, None]
        for order, noise in zip(lab.tensor(given.orders).unbind(1), lab.tensor(given.noise).unbind(1), strict=True):
            step(-self._bounds(networks, parameters, training[members, order], noise))
        with torch.no_grad():
            bounds = self._bounds(networks, parameters, lab.tensor(given.held_out), lab.tensor(given.held_out_noise))
            pictures = {
                "held-out digits": given.held_out[0, :6].reshape(-1, 8, 8),
                **self._samples(lab, given, parameters),
            }
        return Quantity(
            bounds,
            "evidence lower bound of a held-out digit",
            "nats",
            (Axis("member", tuple(lab.members)),),
            pictures=pictures_of(pictures),
        )

    def _samples(self, lab: Lab, given: BinaryDigits, parameters: Any) -> dict[str, torch.Tensor]:
        """What the first member makes of codes from the prior, as probabilities of black pixels."""
        network = self.network(pixels=64, latent=self.latent, hidden=self.hidden)
        if not isinstance(getattr(network, "decoder", None), torch.nn.Module):
            return {}
        names = [name for name, _ in network.named_parameters()]
        own = [tensor[:1] for name, tensor in zip(names, parameters, strict=True) if name.startswith("decoder.")]
        logits = Modules(lambda: network.decoder).forward(own, lab.tensor(given.held_out_noise[:1, :6]))
        return {"probabilities of pixels, from codes of the prior": logits.sigmoid().view(-1, 8, 8)}

    def _bounds(self, networks: Modules, parameters: Any, images: torch.Tensor, noise: torch.Tensor) -> torch.Tensor:
        """The bound of each member, a mean over its images."""
        encoded = images if self.codes == "of the digit" else images.roll(1, 1)
        logits, mean, log_variance = networks.forward(parameters, encoded, noise)
        pixels: Any = Bernoulli(logits=logits, validate_args=False)
        q = Normal(mean, (log_variance / 2).exp(), validate_args=False)
        prior = Normal(torch.zeros_like(mean), 1.0, validate_args=False)
        found: torch.Tensor = (pixels.log_prob(images).sum(2) - kl_divergence(q, prior).sum(2)).mean(1)
        return found
