"""Networks for small images: a perceptron, today's LeNet, and AlexNet and VGG cut down to what 28x28 pixels leave room for."""

from __future__ import annotations

from collections.abc import Sequence

from torch import nn

from dlverify.lab.architectures import classification


def perceptron(
    *, pixels: int = 784, hidden: int = 128, classes: int = 10, bias: bool = True, nonlinear: bool = True
) -> nn.Sequential:
    """Softmax regression's linear map where `hidden` is 0, otherwise with one hidden layer of ReLU.

    Args:
        pixels: Numbers in an image, of all channels.
        hidden: Units of the hidden layer.
        classes: Number of classes.
        bias: Whether the affine layers have biases.
        nonlinear: Whether there is a ReLU behind the hidden layer; without it the network is a linear map in two factors.
    """
    widths = (pixels, hidden, classes) if hidden else (pixels, classes)
    layers = classification.multilayer_perceptron(widths, bias=bias)
    return layers if nonlinear else nn.Sequential(*(layer for layer in layers if not isinstance(layer, nn.ReLU)))


def lenet(
    *,
    padding: int = 2,
    channels: tuple[int, int, int] = (6, 16, 120),
    hidden: int = 84,
    kernel: int = 5,
    classes: int = 10,
) -> nn.Sequential:
    """LeNet-5 as implemented today, for images of 28x28 pixels in the middle of 32x32 (LeCun et al. 1998, section II.B)."""
    body = classification.lenet(
        original=False, partial=False, channels=channels, hidden=hidden, kernel=kernel, classes=classes
    )
    return nn.Sequential(nn.ZeroPad2d(padding), *body)


def alexnet(
    *,
    channels: Sequence[int] = (64, 64),
    dense: Sequence[int] = (384, 192),
    inputs: int = 3,
    pixels: int = 28,
    kernel: int = 5,
    normalised: bool = True,
    classes: int = 10,
) -> nn.Sequential:
    """The small AlexNet for CIFAR-10 (Zhang et al. 2017, appendix A).

    Stages of a convolution with ReLU, the maximum over 3x3 pixels at every second one, and local response normalisation;
    then dense layers. Convolutions keep the size, poolings halve it.

    Args:
        channels: Of the convolutions, one for each stage.
        dense: Units of the hidden dense layers.
        inputs: Channels of the image.
        pixels: Pixels along one side of the image.
        kernel: Size of the kernels.
        normalised: Whether there is local response normalisation, which the vectorised kernels of an ensemble make slow.
        classes: Number of classes.
    """
    layers: list[nn.Module] = []
    for outputs in channels:
        layers += [nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2), nn.ReLU(), nn.MaxPool2d(3, 2, padding=1)]
        layers += [nn.LocalResponseNorm(5)] if normalised else []
        inputs, pixels = outputs, (pixels + 1) // 2
    return nn.Sequential(*layers, *_dense(inputs * pixels**2, dense, classes))


def vgg(
    *,
    stages: Sequence[Sequence[int]] = ((64, 64), (128, 128)),
    dense: Sequence[int] = (384, 192),
    inputs: int = 3,
    pixels: int = 28,
    classes: int = 10,
) -> nn.Sequential:
    """A network after the rule of VGG (Simonyan & Zisserman 2015, section 2.1), with as many stages as small images allow.

    Each stage is 3x3 convolutions with ReLU, and the maximum over 2x2 pixels; then dense layers.

    Args:
        stages: Channels of the convolutions of each stage.
        dense: Units of the hidden dense layers.
        inputs: Channels of the image.
        pixels: Pixels along one side of the image.
        classes: Number of classes.
    """
    layers: list[nn.Module] = []
    for stage in stages:
        for outputs in stage:
            layers += [nn.Conv2d(inputs, outputs, 3, padding=1), nn.ReLU()]
            inputs = outputs
        layers.append(nn.MaxPool2d(2))
        pixels //= 2
    return nn.Sequential(*layers, *_dense(inputs * pixels**2, dense, classes))


def _dense(entering: int, hidden: Sequence[int], classes: int) -> list[nn.Module]:
    """Dense layers with ReLU, and the answers."""
    layers: list[nn.Module] = [nn.Flatten()]
    for units in hidden:
        layers += [nn.Linear(entering, units), nn.ReLU()]
        entering = units
    return [*layers, nn.Linear(entering, classes)]
