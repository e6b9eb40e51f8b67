"""The command new: the skeleton of a claim."""

from __future__ import annotations

import re
from pathlib import Path

from dlverify import catalog
from dlverify.commands.shared import (
    UsageError,
    claim_files,
    command_line,
    family_of,
    pytest_line,
)


def new(folder: Path, family: str, statement: str) -> int:
    """Write the skeleton of a claim and say what to do next.

    Raises:
        UsageError: The name is none, the file exists, or the folder cannot be written.
    """
    files = claim_files(folder)
    family = family.replace("-", "_")
    name = re.sub(r"[^a-z0-9]+", "_", statement.lower()).strip("_")
    for kind, word, given in (("family", family, family), ("statement", name, statement)):
        if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", word) or not given.isascii() or len(word) > 100:
            raise UsageError(
                f"{given!r} is no {kind}; write a phrase in English letters that begins with a letter and has at most 100 "
                'characters, as in new optimizer "momentum doubles the largest stable step"'
            )
    path = folder / family / f"{name}.py"
    families = sorted({family_of(known) for known, _ in files})
    if path.exists():
        raise UsageError(f"{path} exists and is left as it is; choose another statement, or edit that file")
    try:
        path.parent.mkdir(exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(SKELETON.replace("{statement}", name.replace("_", " ").capitalize()))
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror or error}") from None
    print(f"{path} is written: a small claim about ReLU that works, to be made yours.")
    if family not in families:
        print(f"{family} is a new family{catalog.did_you_mean(family, families)}.")
    print(f"1. Edit {path}: statement, experiment, theory, what breaks it; then delete its `raise`.")
    print(f"2. Run it: {pytest_line(folder, path)}")
    print(f"3. Read it as others will: {command_line(folder, 'show', f'{family}/{name}')}")
    print(f"   and list it in the index: {command_line(folder, 'index')}")
    return 0


SKELETON = '''"""{statement}: a skeleton. Make this sentence the statement, and everything below serve it."""

from dataclasses import dataclass

import numpy as np

from dlverify import Assumption, Axis, Claim, Experiment, Lab, Quantity, Subject, equal, rounding, vary
from dlverify.quantity import Array


@dataclass(frozen=True)
class Scaling(Experiment):
    """What an activation makes of inputs times a factor. First look whether dlverify.experiments has what you need.

    Attributes:
        activation: The activation, the real thing, under its import path.
        factor: What multiplies the inputs.
    """

    activation: Subject
    factor: float = 3.0

    def draw(self, lab: Lab) -> Array:
        """What is given: the inputs."""
        return lab.rounded(np.linspace(-2.0, 2.0, 65))

    def measure(self, lab: Lab, given: Array) -> Quantity:
        """What happened: the outputs. No theory here."""
        outputs = self.activation()(lab.tensor(self.factor * given))
        return Quantity(outputs, "output", axes=(Axis("input", tuple(given)),))


def scaled_output(experiment: Scaling, given: Array) -> Array:
    """The theory, which sees no outcome: factor * max(x, 0)."""
    raise NotImplementedError("this claim is still the skeleton of `dlverify new`; make it yours and delete this line")
    return experiment.factor * np.maximum(given, 0.0)


def output_size(experiment: Scaling, given: Array) -> Array:
    """|factor x|, the size of what is rounded twice: the product of the experiment, and that of the theory."""
    return abs(experiment.factor) * np.abs(given)


CLAIM = Claim(
    # entry="...",  # of notes.toml, where the folder has one
    says="ReLU of a positive multiple is that multiple of ReLU.",
    experiments=vary(Scaling(Subject.parse("torch.nn:ReLU")), factor=(0.5, 3.0)),
    predict=scaled_output,
    judge=equal(within=rounding(operations=2, scale=output_size)),
    assumptions=(
        Assumption("positive-factor", "the factor is positive", broken_by={"factor": -1.0}),
        Assumption("one-kink", "the activation is linear but for a kink at zero", broken_by={"activation": "torch.nn:GELU"}),
    ),
)
'''
