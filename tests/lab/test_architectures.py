"""Every architecture runs: real tensors go through it, and a gradient comes back to all of its parameters."""

import pytest
import torch

from dlverify.lab.architectures import (
    adversarial,
    channels,
    classification,
    generative,
    learning,
    recurrent,
    residual,
    segmentation,
    small_images,
    transformers,
)

SLIM = (4, 8, 8, 8, 8)
WORDS = torch.arange(10).reshape(2, 5)


def images(*shape: int) -> torch.Tensor:
    return torch.randn(2, *shape, generator=torch.Generator().manual_seed(0))


RUNS = {
    "perceptron": (lambda: classification.multilayer_perceptron(), (images(1, 28, 28),), (2, 10)),
    "LeNet-5": (lambda: classification.lenet(), (images(1, 32, 32),), (2, 10)),
    "LeNet-5 today": (lambda: small_images.lenet(), (images(1, 28, 28),), (2, 10)),
    "AlexNet": (lambda: classification.alexnet(channels=SLIM, hidden=16, classes=5), (images(3, 227, 227),), (2, 5)),
    "VGG-16": (lambda: classification.vgg(16, channels=SLIM, hidden=16, classes=5), (images(3, 224, 224),), (2, 5)),
    "VGG-19": (lambda: classification.vgg(19, channels=SLIM, hidden=16, classes=5), (images(3, 224, 224),), (2, 5)),
    "GoogLeNet": (lambda: classification.googlenet(classes=5), (images(3, 224, 224),), (2, 5)),
    "ResNet-18": (lambda: residual.resnet(18, classes=5), (images(3, 64, 64),), (2, 5)),
    "ResNet-50": (lambda: residual.resnet(50, classes=5), (images(3, 64, 64),), (2, 5)),
    "ResNet-110": (lambda: residual.cifar_resnet(110), (images(3, 16, 16),), (2, 10)),
    "SE-ResNet-50": (lambda: channels.se_resnet(50, classes=5), (images(3, 64, 64),), (2, 5)),
    "DenseNet-121": (lambda: channels.densenet(121, classes=5), (images(3, 64, 64),), (2, 5)),
    "FCN-8s": (
        lambda: segmentation.FullyConvolutionalNetwork(8, hidden=16, classes=4),
        (images(3, 40, 32),),
        (2, 4, 40, 32),
    ),
    "U-Net": (lambda: segmentation.UNet(SLIM), (images(1, 204, 204),), (2, 2, 20, 20)),
    "DeepLab": (lambda: segmentation.DeepLab(hidden=8, classes=4), (images(3, 64, 64),), None),
    "autoencoder": (lambda: generative.autoencoder(), (images(64),), (2, 64)),
    "flow": (lambda: generative.Flow(), (images(2),), (2,)),
    "VAE": (lambda: adversarial.VariationalAutoencoder(), (images(64), images(8)), (2, 64)),
    "DCGAN's generator": (lambda: adversarial.dcgan_generator(16), (images(100, 1, 1),), (2, 3, 64, 64)),
    "DCGAN's discriminator": (lambda: adversarial.dcgan_discriminator(8), (images(3, 64, 64),), None),
    "encoder-decoder": (
        lambda: recurrent.EncoderDecoder(4, 3, 2, attention=False),
        (images(18),),
        (2, 3, 4),
    ),
    "encoder-decoder with attention": (
        lambda: recurrent.EncoderDecoder(4, 3, 2, attention=True),
        (images(18),),
        (2, 3, 4),
    ),
    "BERT": (
        lambda: transformers.bert(layers=2, width=16, heads=2, vocabulary=32, length=8, pooled=False),
        (WORDS,),
        (2, 5, 16),
    ),
    "GPT": (lambda: transformers.gpt(layers=2, width=16, heads=2, vocabulary=32, length=8), (WORDS,), (2, 5, 16)),
    "GPT-2": (lambda: transformers.gpt2(), (WORDS,), (2, 5, 768)),
    "Transformer": (lambda: transformers.transformer(vocabulary=32), (WORDS, WORDS), (2, 5, 32)),
    "DQN of 2013": (lambda: learning.dqn(year=2013), (images(4, 84, 84),), (2, 4)),
    "DQN of 2015": (lambda: learning.dqn(year=2015), (images(4, 84, 84),), (2, 4)),
    "SimCLR": (lambda: learning.simclr(), (images(64),), (2, 32)),
}


@pytest.mark.parametrize("name", RUNS)
def test_an_architecture_runs_forth_and_back(name):
    make, inputs, shape = RUNS[name]
    torch.manual_seed(0)
    network = make()
    made = network(*inputs)
    answers = made[0] if isinstance(made, (tuple, list)) else made
    if shape is not None:
        assert tuple(answers.shape) == shape
    assert torch.isfinite(answers).all()
    everything = made if isinstance(made, (tuple, list)) else [made]
    sum(part.square().mean() for part in everything).backward()
    without = [name for name, p in network.named_parameters() if p.requires_grad and p.grad is None]
    assert not without
    assert all(torch.isfinite(p.grad).all() for p in network.parameters() if p.requires_grad)


def test_bert_pools_the_state_of_its_first_word():
    network = transformers.bert(layers=1, width=16, heads=2, vocabulary=32, length=8)
    pooled = network.pool(WORDS)
    assert tuple(pooled.shape) == (2, 16)
    pooled.sum().backward()
    assert all(p.grad is not None for p in network.parameters())
