"""Special tokens: which become ids, and which are refused. Nothing else decides about that."""

from __future__ import annotations

from tokenkit._checks import check_str, shown
from tokenkit.errors import SpecialTokenError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence, Set as AbstractSet
    from typing import Any, Literal, NoReturn, TypeAlias

    from tokenkit.encodings.engine import Engine
    from tokenkit.encodings.text import Text

    Allowed: TypeAlias = Literal["all"] | AbstractSet[str]
    Disallowed: TypeAlias = Literal["all"] | Collection[str] | None

NOTHING: frozenset[str] = frozenset()
_MAX_CACHED_RULES = 64


class Rule:
    """The meaning of one pair of arguments (allowed, disallowed) for one encoding."""

    __slots__ = ("_engine", "_refused", "_unknown", "allowed")

    def __init__(self, policy: SpecialPolicy, names: frozenset[str], refused: frozenset[str]):
        for token in names | refused:
            check_str("special token", token)
        self._engine = policy.engine
        self._refused = policy.engine.special_set(refused) if refused & policy.names else None
        # tiktoken refuses any string that is named, whether it is a special token or not.
        self._unknown = sorted(refused - policy.names)
        self.allowed: Any = policy.engine.special_set(names) if names else None

    def check(self, text: Text) -> None:
        """Raise SpecialTokenError if text holds a refused token."""
        if self._refused is not None:
            refused = self._engine.find_special(text, self._refused)
            if refused is not None:
                refuse(refused)
        for token in self._unknown:
            if token in text if isinstance(text, str) else token.encode() in bytes(text):
                refuse(token)

    def check_all(self, texts: Sequence[Text]) -> None:
        """Do as `check` does, for many texts."""
        if self._unknown:
            for text in texts:
                self.check(text)
        elif self._refused is not None:
            refused = self._engine.find_special_in_any(texts, self._refused)
            if refused is not None:
                refuse(refused)


class SpecialPolicy:
    """A reading of the arguments `allowed_special` and `disallowed_special`, that of tiktoken."""

    def __init__(self, engine: Engine, tokens: Collection[str]) -> None:
        self.engine = engine
        self.names = frozenset(tokens)
        self._rules: dict[object, Rule] = {}
        self._find = engine.find_special
        self._all = engine.special_set(self.names)

    def rule(self, allowed: Allowed, disallowed: Disallowed) -> Rule:
        """Get the rule for these arguments. Raises TypeError if they are not sets of strings."""
        if allowed != "all":
            allowed = frozenset(_as_set(allowed))
        if disallowed != "all":
            # As in tiktoken, any false value refuses nothing.
            disallowed = _as_names("disallowed_special", disallowed) if disallowed else NOTHING
        rule = self._rules.get((allowed, disallowed))
        if rule is None:
            _check_names("allowed_special", allowed)
            _check_names("disallowed_special", disallowed)
            names = self.names if allowed == "all" else allowed
            refused = self.names - names if disallowed == "all" else disallowed
            rule = Rule(self, frozenset(names), frozenset(refused))
            if len(self._rules) >= _MAX_CACHED_RULES:
                self._rules.clear()
            self._rules[allowed, disallowed] = rule
        return rule

    def admit(self, text: Text, allowed: Allowed, disallowed: Disallowed) -> Any:
        """Get the engine's set of allowed tokens, once text has none that are refused.

        Raises SpecialTokenError, or TypeError if the arguments are not sets of strings.
        """
        if allowed is NOTHING and disallowed == "all":
            # The default, without a detour: for short texts the time counts.
            refused = self._find(text, self._all)
            if refused is not None:
                refuse(refused)
            return None
        rule = self.rule(allowed, disallowed)
        rule.check(text)
        return rule.allowed

    def admit_all(self, texts: Sequence[str], allowed: Allowed, disallowed: Disallowed) -> Any:
        """Do as `admit` does, for many texts."""
        rule = self.rule(allowed, disallowed)
        rule.check_all(texts)
        return rule.allowed

    def allow(self, allowed: Literal["all"] | Collection[str]) -> Any:
        """Get the engine's set of allowed tokens; nothing is refused."""
        if isinstance(allowed, str) and allowed != "all":
            raise TypeError(f'allowed_special: expected "all" or a set of str, got {allowed!r}')
        names = allowed if allowed == "all" else _as_names("allowed_special", allowed)
        return self.rule(names, NOTHING).allowed


def _as_set(allowed: Any) -> AbstractSet[str]:
    if isinstance(allowed, frozenset | set):
        return allowed
    from collections.abc import Set as AbstractSet

    if not isinstance(allowed, AbstractSet):
        raise TypeError(
            f'allowed_special: expected "all" or a set of str, got {type(allowed).__name__}'
        )
    return allowed


def _as_names(argument: str, given: Any) -> frozenset[str]:
    try:
        return frozenset(given)
    except TypeError:
        expected = '"all", a collection of str or None'
        got = type(given).__name__ if not hasattr(given, "__iter__") else shown(given)
        raise TypeError(f"{argument}: expected {expected}, got {got}") from None


def _check_names(argument: str, names: Collection[object]) -> None:
    for name in names:
        if not isinstance(name, str):
            raise TypeError(f"{argument}: expected names that are str, got {shown(name)}")


def refuse(token: str) -> NoReturn:
    """Raise the SpecialTokenError for a token that the text holds."""
    raise SpecialTokenError(
        f"The text holds the special token {token!r}, which is not allowed here.\n"
        f"To encode it as a special token: allowed_special={{{token!r}}}.\n"
        f"To encode it as ordinary text: disallowed_special=(enc.special_tokens_set - "
        f"{{{token!r}}}), or disallowed_special=() for all special tokens.\n"
    )


def split_special(text: str, names: Collection[str]) -> Iterator[tuple[str, str | None]]:
    """Split text at the special tokens: (text before, token), and last (the rest, None).

    Where several begin at one offset, the longest is taken.

    >>> list(split_special("a<|x|>b", {"<|x|>"}))
    [('a', '<|x|>'), ('b', None)]
    """
    start = 0
    if names:
        import re

        longest_first = sorted(names, key=len, reverse=True)
        for match in re.finditer("|".join(map(re.escape, longest_first)), text):
            yield text[start : match.start()], match.group()
            start = match.end()
    yield text[start:], None
