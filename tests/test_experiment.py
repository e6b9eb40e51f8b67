"""Experiments and subjects check their fields, and say what is allowed."""

from dataclasses import dataclass
from typing import Literal

import pytest

from dlverify import Experiment, ExperimentError, Subject
from dlverify.lab.subjects import SubjectError


@dataclass(frozen=True)
class Toy(Experiment):
    """A toy."""

    optimizer: Subject = Subject.parse("torch.optim:SGD")
    lr: float = 0.1
    steps: int = 3
    kind: Literal["one", "two"] = "one"
    widths: tuple[int, ...] = (1,)
    biased: bool = True


def test_texts_are_read_as_the_field_says():
    toy = Toy().parsed(
        optimizer="torch.optim.Adam(eps=0, betas=(0.5, 0.9))",
        lr="1",
        steps="7",
        kind="two",
        widths="[2, 3]",
        biased="False",
    )
    assert toy == Toy(Subject("torch.optim", "Adam", (("eps", 0), ("betas", (0.5, 0.9)))), 1.0, 7, "two", (2, 3), False)
    assert isinstance(toy.lr, float)


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ({"optimzer": "x"}, "Toy has no field 'optimzer'; its fields are optimizer, lr, steps, kind, widths, biased"),
        ({"steps": "many"}, "Toy.steps cannot be 'many'; it is of type int"),
        ({"steps": "2.5"}, "Toy.steps cannot be 2.5; it is of type int"),
        ({"steps": "True"}, "Toy.steps cannot be True; it is of type int"),
        ({"lr": "__import__('os')"}, "Toy.lr cannot be \"__import__('os')\"; it is of type float"),
        ({"kind": "three"}, "Toy.kind cannot be 'three'; it is one of 'one', 'two'"),
        (
            {"optimizer": "torch.optim:SGD(__import__('os'))"},
            "Toy.optimizer: \"torch.optim:SGD(__import__('os'))\" is no subject",
        ),
    ],
)
def test_what_does_not_fit_is_one_sentence(texts, message):
    with pytest.raises(ExperimentError) as error:
        Toy().parsed(**texts)
    assert message in str(error.value)


@pytest.mark.parametrize("text", ["torch.optim:SGD", "torch.optim:SGD(lr=0.5, nesterov=True)", "numpy:linalg.norm"])
def test_a_subject_reads_what_it_writes(text):
    assert str(Subject.parse(text)) == text


def test_dotted_and_colon_forms_name_the_same():
    assert Subject.parse("torch.optim.SGD").path == Subject.parse("torch.optim:SGD(lr=1)").path == "torch.optim.SGD"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "SGD",
        "torch optim:SGD",
        "torch:SGD(",
        "torch:SGD(1)",
        "torch:SGD(**{})",
        "torch:SGD(a=b)",
        "torch:SGD(a=1).x",
        "a:b;c",
    ],
)
def test_what_is_no_subject_is_refused(text):
    with pytest.raises(SubjectError, match="is no subject"):
        Subject.parse(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nowhere:Thing", "the subject nowhere:Thing cannot be imported: No module named 'nowhere'"),
        ("math:Thing", "the subject math:Thing does not exist: math has no Thing"),
        ("math:pi", "the subject math:pi is a float and cannot be called"),
        ("fractions:Fraction(x=1)", "the subject fractions:Fraction(x=1) does not take the arguments ['x']"),
    ],
)
def test_what_cannot_be_made_is_one_sentence(text, message):
    with pytest.raises(SubjectError) as error:
        Subject.parse(text)()
    assert message in str(error.value)


def test_the_subjects_own_arguments_win():
    assert Subject.parse("builtins:dict(a=1)")(a=2, b=3) == {"a": 1, "b": 3}


def test_a_field_must_not_hide_a_method():
    with pytest.raises(ExperimentError, match="Bad has the field 'changed', which is a method; name it otherwise"):

        @dataclass(frozen=True)
        class Bad(Experiment):
            changed: int = 1
