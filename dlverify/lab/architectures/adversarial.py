"""Networks that generate: the generator and discriminator of DCGAN (Radford et al. 2016), a variational autoencoder."""

from __future__ import annotations

from torch import Tensor, nn


def dcgan_generator(
    base: int = 1024,
    *,
    latent: int = 100,
    channels: int = 3,
    kernel: int = 4,
    first: int = 4,
    bias: bool = False,
    normalized: bool = True,
) -> nn.Sequential:
    """From 1x1 to 64x64 pixels by transposed convolutions alone (Radford et al. 2016, figure 1 and section 3).

    Maps of 4, 8, 16 and 32 pixels with `base` channels, half, a quarter and an eighth of them, ReLU and batch
    normalisation after each; then the image, through tanh. The first layer makes 4x4 pixels of one, the others have stride
    2 and are padded so that they double the size, whatever the kernel.

    Args:
        base: Channels of the 4x4 map: 1024 in the paper, 512 in PyTorch's example.
        latent: Channels of the 1x1 input.
        channels: Of the image.
        kernel: Size of the kernels of stride 2.
        first: Pixels along one side of the first map, and size of the kernel that makes it.
        bias: Whether the layers have biases.
        normalized: Whether batch normalisation follows all layers but the last.
    """
    widths = (latent, base, base // 2, base // 4, base // 8, channels)
    padding = (kernel - 1) // 2
    layers: list[nn.Module] = []
    for index, (inputs, outputs) in enumerate(zip(widths, widths[1:], strict=False)):
        shape = (kernel, 2, padding, 2 * padding + 2 - kernel) if index else (first, 1, 0, 0)
        layers.append(nn.ConvTranspose2d(inputs, outputs, *shape, bias=bias))
        if index < len(widths) - 2:
            layers += [nn.BatchNorm2d(outputs)] * normalized + [nn.ReLU()]
    return nn.Sequential(*layers, nn.Tanh())


def dcgan_discriminator(
    base: int = 64, *, channels: int = 3, kernel: int = 4, bias: bool = False, normalized: bool = True
) -> nn.Sequential:
    """From 64x64 pixels to one answer by convolutions of stride 2 in place of pooling (Radford et al. 2016, section 3).

    Maps of 32, 16, 8 and 4 pixels with `base` channels, twice, four and eight times as many, leaky ReLU of slope 0.2
    after each and batch normalisation after all but the first; then one number, through the sigmoid.

    Args:
        base: Channels of the 32x32 map.
        channels: Of the image.
        kernel: Size of the kernels of stride 2.
        bias: Whether the layers have biases.
        normalized: Whether there is batch normalisation.
    """
    widths = (channels, base, 2 * base, 4 * base, 8 * base)
    layers: list[nn.Module] = []
    for index, (inputs, outputs) in enumerate(zip(widths, widths[1:], strict=False)):
        layers.append(nn.Conv2d(inputs, outputs, kernel, 2, (kernel - 1) // 2, bias=bias))
        layers += [nn.BatchNorm2d(outputs)] * (normalized and index > 0) + [nn.LeakyReLU(0.2)]
    return nn.Sequential(*layers, nn.Conv2d(widths[-1], 1, 4, bias=bias), nn.Sigmoid())


class VariationalAutoencoder(nn.Module):
    """Gaussian encoder and Bernoulli decoder, each of one hidden layer (Kingma & Welling 2014, section 3 and appendix C).

    Attributes:
        encoder: From an image to mean and log variance of its code.
        decoder: From a code to a logit for each pixel.
    """

    def __init__(self, pixels: int = 64, latent: int = 8, hidden: int = 64) -> None:
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(pixels, hidden), nn.Tanh(), nn.Linear(hidden, 2 * latent))
        self.decoder = nn.Sequential(nn.Linear(latent, hidden), nn.Tanh(), nn.Linear(hidden, pixels))

    def forward(self, images: Tensor, noise: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Logits of pixels, and mean and log variance of codes, from images `(samples, pixels)` and standard normal noise."""
        mean, log_variance = self.encoder(images).chunk(2, dim=-1)
        return self.decoder(mean + (log_variance / 2).exp() * noise), mean, log_variance
