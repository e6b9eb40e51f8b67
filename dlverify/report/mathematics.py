"""Mathematics in prose, set as MathML when the site is built: no network, no script, no font to fetch.

Statements are plain sentences with formulas inside, "Adagrad's step at time t is lr / sqrt(t), so it decays to zero". This
module reads such a sentence from left to right, takes the longest run that the small grammar below can read as a formula,
and sets it; all else stays the text that it was. It guesses nothing: a run that it cannot read to its end is left alone.

    relation  sum, or sums joined by = < <= -> and the like
    sum       products joined by + and -
    product   factors side by side, joined by * / or a dot between spaces; `/` between spaces is a fraction
    factor    a number, letter, Greek name, function, bracket or |bars|, with ^ and _ behind it

A lone `a`, `A` or `I` is a word. Operators have spaces on both sides or on none, as a hyphen has not.

Browsers do not break formulas into lines, so a long one is set in pieces, between which a line may break; where a piece
would still be wider than a telephone the whole is left as text.
"""

from __future__ import annotations

import re
from html import escape

from markupsafe import Markup

GREEK = dict(
    zip(
        "alpha beta gamma delta epsilon eps zeta eta theta kappa lambda mu nu xi pi rho sigma tau phi chi psi omega "
        "Gamma Delta Theta Lambda Sigma Phi Psi Omega".split(),
        "αβγδεεζηθκλμνξπρστφχψωΓΔΘΛΣΦΨΩ",
        strict=True,
    )
)
FUNCTIONS = frozenset(
    "sqrt log ln exp sin cos tan tanh sinh cosh max min sign relu softmax sigmoid mean sum det rank trace tr diag erf "
    "argmax argmin Var Cov KL MSE vec arctan".split()
)
"""Words that are mathematics where an argument follows, and words elsewhere."""
SPOKEN = frozenset(("max", "mean", "min", "rank", "relu", "sigmoid", "sign", "softmax", "sum", "trace"))
"""Those that prose uses as well: "of mean m" is no formula."""
NAMES = frozenset(("lr",))
"""Names of more than one letter that the statements use for a number."""
RELATIONS = {
    "=": "=", "<": "<", ">": ">", "<=": "≤", ">=": "≥", "!=": "≠", "->": "→", "≤": "≤", "≥": "≥", "≠": "≠", "→": "→",
    "∈": "∈", "≈": "≈", "⊂": "⊂", "∝": "∝", "~": "∼", "≪": "≪", "≫": "≫",
}  # fmt: skip
SIGNS = {"+": "+", "-": "−", "−": "−", "±": "±"}
TIMES = {"*": "∗", "/": "/", "·": "·", "×": "×", "⊙": "⊙", ".": "⋅"}
CLOSED_BY = {"(": ")", "[": "]", "{": "}", "|": "|", "‖": "‖"}
RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿᵀᵏᵗʳ", "0123456789+−nTktr", strict=True))
LOWERED = dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋ᵢⱼₖₗₘₙₜₓ", "0123456789+−ijklmntx", strict=True))
LARGE = {"Σ": "∑", "∑": "∑", "∏": "∏", "Π": "∏", "∫": "∫"}
PREFIXES = "∂∇√∀∃"

_NUMBER = re.compile(r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:e[-−]?\d+)?|\.\d+|[½¼¾⅓⅔⅛]")
_LETTER = r"[^\W\d_²³¹¼½¾⅓⅔⅛⁰-₟ᵀ-ᵪⱼ][\u0300-\u036f]*"
_WORD = re.compile(f"(?:{_LETTER})+")
_LETTERS = re.compile(f"{_LETTER}(?=[α-ωΑ-Ω])|[α-ωΑ-Ω][\u0300-\u036f]*")
"""One letter of several that stand for a product, one of them Greek: ηλ, sφ."""
_END = re.compile(r"(?=$|[\s,;:?!)\]’'\"—–]|\.(?!\w)|-th\b)")
_SIZE = re.compile(r"(?<![\w.])\d+x\d+(?:x\d+)?(?!\w)")
_PROSE = re.compile(r"[aAI]$|[aA] [\d(]|[aA] \w+$|\.\.\.$|…$|\d+(?:-\d+)+$")
"""What could be read as a formula and is none: an article, an ellipsis, the widths 784-128-10."""
_ABBREVIATION = re.compile(r"(?:[A-Za-z]\.){2,}|[A-Za-z]+['’]s\b")
APPLIED = "<mo>\u2061</mo>"
"""The invisible operator between a function and its argument, which screen readers speak as "of"."""
BREAK = "\u0001"
"""Where a long formula may be broken; no text that is set contains it."""
UNBROKEN = 14
"""Characters up to which a formula stays in one piece: about a third of a line on a telephone."""
WIDEST = 34
"""Characters of the widest piece that a telephone has room for; a wider one, a matrix in a row, stays text, which wraps."""
DEEPEST = 40
"""Factors within factors: no formula of a sentence has so many, and a hostile one is left as text."""


class _Unreadable(Exception):
    """Not a formula of this grammar."""


def typeset(text: str) -> Markup:
    """The text with its formulas as MathML, everything else escaped."""
    text = text.replace(BREAK, "\ufffd")
    done: list[str] = []
    plain = place = 0
    while place < len(text):
        abbreviation = _ABBREVIATION.match(text, place)
        if abbreviation and _starts(text, place):
            place = abbreviation.end()
            continue
        size = _SIZE.match(text, place)
        if size:
            done += [escape(text[plain:place]), size[0].replace("x", "×")]
            plain = place = size.end()
            continue
        found = _formula(text, place) if _starts(text, place) and not text[place].isspace() else None
        if found is None:
            word = _WORD.match(text, place) or _NUMBER.match(text, place)
            place = word.end() if word else place + 1
            continue
        mathml, end = found
        done += [escape(text[plain:place]), _math(mathml, text[place:end])]
        plain = place = end
    return Markup("".join(done) + escape(text[plain:]))


def _starts(text: str, place: int) -> bool:
    return place == 0 or not (text[place - 1].isalnum() or text[place - 1] in "_'’-./^")


def _math(mathml: str, source: str) -> str:
    """A formula, or the pieces of a long one."""
    pieces, depth, begun = [], 0, 0
    for mark in re.finditer(rf"<(/?)[^>]*>|{BREAK}", mathml):
        if mark[0] != BREAK:
            depth += -1 if mark[1] else not mark[0].endswith("/>")
        elif depth == 0 and len(source) > UNBROKEN:
            pieces.append(mathml[begun : mark.start()])
            begun = mark.end()
    pieces.append(mathml[begun:])
    if max(len(re.sub(r"<[^>]*>", "", piece)) for piece in pieces) > WIDEST:
        return escape(source)
    return "<wbr>".join(f"<math><mrow>{piece.replace(BREAK, '')}</mrow></math>" for piece in pieces)


def _formula(text: str, place: int) -> tuple[str, int] | None:
    """The MathML of the formula that begins here, and where it ends; None where none does."""
    reader = _Reader(text, place)
    try:
        mathml = reader.relation()
    except _Unreadable:
        return None
    end = reader.place
    source = text[place:end]
    if not _END.match(text, end) or _PROSE.match(source):
        return None
    name = source.rstrip("0123456789")
    if not (reader.evidence or name in GREEK or name in NAMES or re.fullmatch(_LETTER, name)):
        return None
    return mathml, end


class _Reader:
    """A recursive descent over the grammar; spaces count."""

    def __init__(self, text: str, place: int) -> None:
        self.text, self.begun, self.place, self.evidence, self.depth = text, place, place, 0, 0
        self.open: list[str] = []  # brackets and bars around what is read
        self.in_call = 0

    def relation(self) -> str:
        """Sums joined by relations."""
        found = [self.sum()]
        while (sign := self._operator(RELATIONS)) is not None:
            begun, shown = sign
            try:
                right = self.sum()
            except _Unreadable:
                self.place = begun
                break
            found.append(f'{BREAK}<mo form="infix">{escape(shown)}</mo>{right}')
            self.evidence += 1
        return "".join(found)

    def sum(self) -> str:
        """Products joined by plus and minus."""
        found = []
        if self._next() in SIGNS and not self._peek(1).isspace():
            found = [f'<mo form="prefix">{SIGNS[self._take()]}</mo>']
            self.evidence += 1
        found.append(self.product())
        while (sign := self._operator(SIGNS)) is not None:
            begun, shown = sign
            try:
                term = self.product()
            except _Unreadable:
                self.place = begun
                break
            found.append(f'{BREAK}<mo form="infix">{shown}</mo>{term}')
            self.evidence += 1
        return "".join(found)

    def product(self) -> str:
        """Factors side by side, and quotients of them."""
        left = self._side_by_side()
        while size := re.compile(r"(?<=[\dA-Z']) x (?=\d|[A-Z](?!\w))").match(self.text, self.place):
            self.place = size.end()
            left = f"{left}{BREAK}<mo>×</mo>{self._side_by_side()}"
            self.evidence += 1
        while (sign := self._operator(TIMES)) is not None:
            begun, shown = sign
            spaced = self.text[self.place - 1].isspace()
            if shown == "⋅" and not spaced:
                self.place = begun
                break
            try:
                right = self._side_by_side()
            except _Unreadable:
                self.place = begun
                break
            self.evidence += 1
            if shown == "/" and spaced:
                left = f"<mfrac><mrow>{_bare(left)}</mrow><mrow>{_bare(right)}</mrow></mfrac>"
            else:
                tight = ' lspace="0" rspace="0"' * (shown == "/")
                left = f"{left}{BREAK}<mo{tight}>{shown}</mo>{right}"
        return left

    def _side_by_side(self) -> str:
        found = [self.factor()]
        while True:
            begun, evidence = self.place, self.evidence
            gap = self._next() == " "
            if gap:
                self.place += 1
            try:
                bars = self._next() == "‖" and "‖" not in self.open
                if not gap and not (self._next().isalpha() or self._next() in ("(", "√") or bars):
                    raise _Unreadable
                if gap and (
                    self._is_article()
                    or re.match(r"x (?:\d|[A-Z]\b)", self.text[self.place :])
                    or self._next() in SIGNS
                    or self._next() in "[|."
                ):
                    raise _Unreadable
                factor = self.factor()
            except _Unreadable:
                self.place, self.evidence = begun, evidence
                return "".join(found)
            space = '<mspace width="0.17em"/>' if gap else "<mo>\u2062</mo>"
            found += [space, factor]
            self.evidence += gap or not factor.startswith("<mn>")

    def _is_article(self) -> bool:
        """Whether the next letter is the word a or I: followed by a word that is no mathematics."""
        return (
            re.match(r"(?:a|A|I)(?:\s+(?![-+*/=<>^−]|(?:lr|sqrt|log)\b|\w\b)|$|[,.;:])", self.text[self.place :])
            is not None
        )

    def factor(self) -> str:
        """A number, letter, function or bracket, with what is raised and lowered behind it.

        Raises:
            _Unreadable: There is none here.
        """
        self.depth += 1
        if self.depth > DEEPEST:
            raise _Unreadable
        try:
            return self._scripts(self._base())
        finally:
            self.depth -= 1

    def _base(self) -> str:
        number = _NUMBER.match(self.text, self.place)
        if number:
            self.place = number.end()
            return f"<mn>{number[0].replace('-', '−')}</mn>"
        if self.text.startswith(("...", "…"), self.place):
            self.place += 1 if self._next() == "…" else 3
            self.evidence += 1
            return "<mo>…</mo>"
        sign = self._next()
        if sign == "∞":
            self._take()
            self.evidence += 1
            return "<mn>∞</mn>"
        if sign in PREFIXES and sign:
            return self._prefixed()
        if sign in LARGE and not _WORD.match(self.text, self.place + 1):
            self._take()
            self.evidence += 1
            return f"<mo>{LARGE[sign]}</mo>"
        if sign in CLOSED_BY and sign:
            return self._bracket()
        return self._name()

    def _prefixed(self) -> str:
        sign = self._take()
        self.evidence += 1
        if sign == "√":
            return f"<msqrt>{_bare(self.factor())}</msqrt>"
        if sign in "∀∃":
            if self._next() == " ":
                self._take()
            return f"<mo>{sign}</mo>{self.factor()}"
        word = _WORD.match(self.text, self.place)
        if word and len(word[0]) > 1 and word[0] not in GREEK:
            self.place = word.end()
            return f"<mi>{sign}</mi><mi>{escape(word[0])}</mi>"
        return f"<mi>{sign}</mi>{self.factor() if word or self._next() in '(' else ''}"

    def _bracket(self) -> str:
        opening = self._take()
        closing = CLOSED_BY[opening]
        self.open.append(opening)
        items = [self.relation()]
        while self._next() != closing:
            if self._next() == ",":
                self._take()
                items.append("<mo>,</mo>")
                self._spaces()
            elif self.in_call and opening in "([" and (bar := re.compile(r" ?[|‖;] ?").match(self.text, self.place)):
                items.append(f"<mo>{bar[0].strip()}</mo>")
                self.place = bar.end()
            else:
                raise _Unreadable
            items.append(self.relation())
        self._take()
        self.open.pop()
        self.evidence += len(items) > 1 or opening in "|‖"
        inside = "".join(items)
        if opening == "{":
            return f"<mrow>{inside}</mrow>"
        return f'<mrow><mo stretchy="false">{opening}</mo>{inside}<mo stretchy="false">{closing}</mo></mrow>'

    def _name(self) -> str:
        word = _WORD.match(self.text, self.place)
        if not word:
            raise _Unreadable
        one = _LETTERS.match(word[0]) if len(word[0]) <= 4 else None
        name = one[0] if one else word[0]
        self.place += len(name)
        if not re.fullmatch(_LETTER, name) and name not in GREEK and name not in NAMES:
            if name in FUNCTIONS:
                return self._applied(name)
            if self._next() not in ("_", "(") and not self.in_call:
                raise _Unreadable
            if self._next() == "_" and not re.match(r"_(?:\w+|[({])", self.text[self.place :]):
                raise _Unreadable
            if re.match(r"_[a-z]{3}", self.text[self.place :]):  # weight_decay is a name in a program
                raise _Unreadable
            shown = f"<mi>{escape(name)}</mi>"
            return self._called(shown) if self._next() == "(" else shown
        letter = escape(GREEK.get(name, name))
        shown = f"<mi>{letter}</mi>"
        digits = re.compile(r"\d+(?![\d.])").match(self.text, self.place)
        if digits:  # w1 is the first w
            self.place = digits.end()
            shown = f"<msub>{shown}<mn>{digits[0]}</mn></msub>"
        return self._called(shown) if self._next() == "(" else shown

    def _called(self, shown: str) -> str:
        """A function with its bracket, in which any word may stand."""
        self.in_call += 1
        try:
            bracket = self._bracket()
        finally:
            self.in_call -= 1
        self.evidence += 1
        return f"{shown}{APPLIED}{bracket}"

    def _applied(self, name: str) -> str:
        """A function of the common ones, with a bracket, bars, or one factor as its argument.

        Raises:
            _Unreadable: It has no argument.
        """
        scripts = self._scripts("<mo>∑</mo>" if name == "sum" else f"<mi>{name}</mi>")
        if self._next() == "(":
            called = self._called("")
            return f"<msqrt>{_bare(called.removeprefix(APPLIED))}</msqrt>" if name == "sqrt" else scripts + called
        if self._next() in ("|", "‖"):
            return f"{scripts}{self._bracket()}"
        if self._next() != " " or self.text[self.place + 1 : self.place + 2] in ("", " "):
            raise _Unreadable
        self.place += 1
        if self._is_article() or (name in SPOKEN and self.place == self.begun + len(name) + 1):
            raise _Unreadable
        argument = self.factor()
        self.evidence += 1
        if name == "sqrt":
            return f"<msqrt>{argument}</msqrt>"
        return f'{scripts}<mspace width="0.17em"/>{argument}'

    def _scripts(self, base: str) -> str:
        lower = upper = ""
        while sign := self._next():
            if sign in "^_" and sign:
                self._take()
                script = self._script()
            elif sign in RAISED or sign in LOWERED:
                table = RAISED if sign in RAISED else LOWERED
                run = ""
                while self._next() and self._next() in table:
                    run += table[self._take()]
                script = f"<mn>{run}</mn>" if run.lstrip("−+").isdigit() else f"<mi>{run}</mi>"
                sign = "^" if table is RAISED else "_"
            elif sign in "'′" and (self._peek(1) != "s"):
                primes = ""
                while self._next() and self._next() in "'′":
                    primes += "′" * bool(self._take())
                base = _scripted(base, "", f"<mo>{primes}</mo>")
                self.evidence += 1
                continue
            elif sign == "*" and not upper and re.match(r"\*(?:[ ),;.]|$)", self.text[self.place :]):
                self._take()
                script, sign = "<mo>∗</mo>", "^"
            elif sign == "(" and (lower or upper):
                return self._called(_scripted(base, lower, upper))
            else:
                break
            if (sign == "^" and upper) or (sign == "_" and lower):
                raise _Unreadable
            lower, upper = (lower, script) if sign == "^" else (script, upper)
            self.evidence += 1
        return _scripted(base, lower, upper)

    def _script(self) -> str:
        sign = self._next()
        if sign and sign in "-−":
            self._take()
            return f"<mrow><mo>−</mo>{self._script()}</mrow>"
        if sign and sign in "({":
            return f"<mrow>{_bare(self._bracket())}</mrow>"
        number = _NUMBER.match(self.text, self.place)
        if number:
            self.place = number.end()
            letter = re.compile(r"[a-z]\b").match(self.text, self.place)
            if letter:
                self.place = letter.end()
            return f"<mrow><mn>{number[0]}</mn>{f'<mi>{letter[0]}</mi>' if letter else ''}</mrow>"
        word = _WORD.match(self.text, self.place)
        if word:
            self.place = word.end()
            return f"<mi>{escape(GREEK.get(word[0], word[0]))}</mi>"
        if sign and sign in "*+∗":
            return f"<mo>{self._take()}</mo>"
        raise _Unreadable

    def _operator(self, known: dict[str, str]) -> tuple[int, str] | None:
        """An operator with a space on both sides or on neither, and where it began; None where there is none here."""
        begun = self.place
        spaced = self._next() == " "
        place = begun + spaced
        for length in (2, 1):
            sign = self.text[place : place + length]
            if sign in known and (sign != "." or spaced):
                after = place + length
                if (self.text[after : after + 1] == " ") == spaced and self.text[after : after + 1 + spaced].strip():
                    self.place = after + spaced
                    return begun, known[sign]
        return None

    def _spaces(self) -> None:
        while self._next() == " ":
            self.place += 1

    def _next(self) -> str:
        return self.text[self.place : self.place + 1]

    def _peek(self, ahead: int) -> str:
        return self.text[self.place + ahead : self.place + ahead + 1]

    def _take(self) -> str:
        self.place += 1
        return self.text[self.place - 1]


_BRACKETED = re.compile(r'<mrow><mo stretchy="false">\(</mo>(.*)<mo stretchy="false">\)</mo></mrow>')


def _bare(mathml: str) -> str:
    """Without the round brackets around the whole of it, which a fraction bar or a root makes superfluous."""
    found = _BRACKETED.fullmatch(mathml)
    if not found:
        return mathml
    depth = 0
    for tag in re.finditer(r"<(/?)mrow>", mathml):
        depth += -1 if tag[1] else 1
        if depth == 0:
            return found[1] if tag.end() == len(mathml) else mathml
    return mathml


def _scripted(base: str, lower: str, upper: str) -> str:
    if lower and upper:
        return f"<msubsup>{_one(base)}{lower}{upper}</msubsup>"
    if lower:
        return f"<msub>{_one(base)}{lower}</msub>"
    return f"<msup>{_one(base)}{upper}</msup>" if upper else base


def _one(mathml: str) -> str:
    return f"<mrow>{mathml}</mrow>"
