"""Tokenizers that change a text before the core reads it.

A tokenizer.json looks for added tokens, normalizes the sections between them, may put a space
before each, and then splits and merges. The core does the last two, and for most files it also puts
the space there or finds the added tokens (`csrc/encode/reading.hpp`). A text that the other steps
leave as it is goes to the core whole, and so does each slice of it; other texts are read section by
section, in Python.
"""

from __future__ import annotations

from array import array

from tokenkit._locks import made_once
from tokenkit.encodings.engines.counted import CountedEngine, SpaceCounter, checked_texts
from tokenkit.encodings.steps.normalizers import NOTHING, SPACE_SIGN
from tokenkit.encodings.text import as_str, width

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from typing import Any

    from typing_extensions import Buffer

    from tokenkit._core import ChunkSettings, TruncateSettings
    from tokenkit.encodings.compile.compiler import Definition
    from tokenkit.encodings.engine import Chunks, Cuts, Engine, Ids, Integers, Stream
    from tokenkit.encodings.steps.added_tokens import Section
    from tokenkit.encodings.steps.before import Steps
    from tokenkit.encodings.steps.missing import Gaps
    from tokenkit.encodings.text import Text

_CHAR = 0
_TRIES = 64  # of cuts


class Allowed:
    """A subset of the special tokens: its names, the inner engine's set, and all that are found."""

    __slots__ = ("_find", "_found", "named", "names")

    def __init__(self, names: frozenset[str], named: Any, find: Callable[[], Any]) -> None:
        self.names = names
        self.named = named
        self._find = find
        self._found: Any = None

    @property
    def found(self) -> Any:
        """The inner engine's set of all that are found; it may be large, so it is made if used."""
        if self._found is None:
            self._found = self._find()
        return self._found


class PipelineEngine(CountedEngine):
    """An engine that reads kept texts with `inner`, and others section by section."""

    def __init__(
        self,
        inner: Engine,
        steps: Steps,
        facts: Definition,
        gaps: Gaps | None = None,
        reader: Engine | None = None,
    ) -> None:
        """Make an engine. `inner` knows all added tokens as special ones, also by their aliases.

        `reader` is the same core, but one that puts the space before a text, if `steps` do, or else
        finds the tokens that are always found.
        `facts` are those of `token_search.search_facts`, the entries `added`, of which the first
        value is the content and the third whether it is special, and `guards`: a text that holds
        one of these is several sections, too.
        """
        self._inner = inner
        self._reader = reader or inner
        self._leads = reader is not None and bool(steps.lead)
        self._finds = reader is not None and not steps.lead
        self._steps = steps
        self._gaps = gaps  # bytes or characters without a token
        self._guards: list[str] = facts["guards"]
        self._special = frozenset([entry[0] for entry in facts["added"] if entry[2]])
        self._always = frozenset([entry[0] for entry in facts["added"]]) - self._special
        self._hiding = inner.special_set(facts["hiding"]) if facts["hiding"] else None
        self._one_search: bool = facts["one_search"]
        self._nothing = self.special_set(())
        # Whether parts of a text may be counted apart; a token must not lie across the cut.
        self._is_separable: bool = facts["is_separable"]
        self._names = facts["found"]
        # Whether a kept text has slices that are kept. A token that is found behind the space may
        # be found behind that of a slice as well.
        led_tokens = [name for name in facts["found"] if name[0] == " "]
        leads_all = self._leads and not led_tokens
        self._has_local_steps = steps.keeps.local and (leads_all or not steps.lead)
        # Whether kept texts are kept when they are joined: no step looks at two characters, and the
        # core finds all tokens, also those across the joint.
        sought = self._guards or (self._hiding if self._finds else self._names)
        self._is_free = steps.keeps is NOTHING and not sought

    @made_once
    def _shows_special(self) -> bool:
        """Whether a kept text holds each special token that is found in its sections."""
        added = self._steps.added
        return all(
            token.content in added.found_as(token) and token.content[:1] not in (" ", SPACE_SIGN)
            for token in added.tokens
            if token.special
        )

    @made_once
    def _found(self) -> Any:
        """The inner engine's set of the tokens that are always found, None if there are none."""
        return self._inner.special_set(self._names) if self._names else None

    @made_once
    def _all_tokens(self) -> Any:
        """The inner engine's set of all added tokens."""
        return self._inner.special_set({*self._special, *self._always, *self._names})

    @made_once
    def _longest(self) -> int:
        """Bytes of the longest added token, at least 16."""
        return max([16, *(4 * len(n) for n in (*self._special, *self._always, *self._names))])

    def special_set(self, tokens: Collection[str]) -> Allowed:
        names = self._special.intersection(tokens)
        make = self._inner.special_set
        return Allowed(names, make(names), lambda: make(names | self._always))

    def find_special(self, text: Text, among: Allowed) -> str | None:
        found = self._inner.find_special(text, among.named)
        if found is not None or self._one_search:
            return found
        if self._shows_special and self._keeps(as_str(text)):
            return None  # the sections have no character that the text has not, but for a space
        ids = {token.id: token.content for token in self._steps.added.tokens}
        for section in self._steps.added.sections(as_str(text), among.names):
            if section.id is not None and ids[section.id] in among.names:
                return ids[section.id]
        return None

    # Kept texts

    def _whole(self, text: str) -> str | None:
        """Give what `_reader` reads for a repaired text, None if that is several sections."""
        sought = self._hiding if self._finds else self._found
        led = text if self._leads and sought is None else self._steps.led(text)
        if sought is not None and self._inner.find_special(led, sought) is not None:
            return None
        if any(guard in text for guard in self._guards) or not self._keeps(text):
            return None
        return text if self._leads else led

    def _keeps(self, text: str) -> bool:
        return self._steps.keeps_text(text) and not (self._gaps and self._gaps.has(text))

    def _is_kept(self, text: str) -> bool:
        """Return whether the core may read a text, and slices of it, as they are."""
        return self._has_local_steps and self._whole(text) is not None

    def _searched(self, text: str, allowed: Allowed | None) -> Any:
        """Give the set with which the core finds what is an id here; None if it must not."""
        if not self._one_search or not self._keeps(text):
            return None
        if self._hiding is not None and self._inner.find_special(text, self._hiding) is not None:
            return None
        return (allowed or self._nothing).found

    # One text

    def encode_buffer(self, text: Text, allowed: Allowed | None) -> Ids:
        text = as_str(text)
        if not allowed and (whole := self._whole(text)) is not None:
            return self._reader.encode_buffer(whole, None)
        if (found := self._searched(text, allowed)) is not None:
            return self._inner.encode_buffer(text, found)
        ids = array("I")
        for part in self._parts(text, allowed):
            ids.extend(part)
        return ids

    def encode(self, text: Text, allowed: Allowed | None) -> list[int]:
        text = as_str(text)
        if not allowed and (whole := self._whole(text)) is not None:
            return self._reader.encode(whole, None)
        ids: list[int] = self.encode_buffer(text, allowed).tolist()
        return ids

    def count(self, text: Text, allowed: Allowed | None) -> int:
        text = as_str(text)
        if not allowed and (whole := self._whole(text)) is not None:
            return self._reader.count(whole, None)
        if (found := self._searched(text, allowed)) is not None:
            return self._inner.count(text, found)
        return sum(map(len, self._parts(text, allowed)))

    def _parts(self, text: str, allowed: Allowed | None) -> Iterator[array[int]]:
        """Yield the ids of each section."""
        for section, read in self._sections(text, allowed):
            if section.id is not None:
                yield array("I", [section.id])
            else:
                yield self._section_ids(read, section.start == 0)

    def _sections(self, text: str, allowed: Allowed | None) -> Iterator[tuple[Section, str]]:
        """Yield the sections, each with what the core reads for it."""
        for section in self._steps.added.sections(text, allowed.names if allowed else ()):
            yield section, self._steps.core_text(section, section.start == 0)

    def _section_reader(self, first: bool) -> Engine:
        """Return the engine that reads a section; `first` says that the text begins with it."""
        return self._inner

    def _section_ids(self, read: str, first: bool) -> array[int]:
        if self._gaps and self._gaps.has(read):
            return self._gaps.ids(read)
        return _as_array(self._section_reader(first).encode_buffer(read, None))

    def within(self, text: Text, limit: int) -> int | None:
        text = as_str(text)
        if (whole := self._whole(text)) is not None:
            return self._reader.within(whole, limit)
        total = 0
        for part in self._parts(text, None):
            total += len(part)
            if total > limit:
                return None
        return total

    def encode_prefix(self, text: Text, max_ids: int) -> Ids:
        text = as_str(text)
        if (whole := self._whole(text)) is not None:
            return self._reader.encode_prefix(whole, max_ids)
        ids = array("I")
        for part in self._parts(text, None):
            ids.extend(part)
            if len(ids) >= max_ids:
                break
        return ids

    def last_piece(self, text: str) -> bytes:
        if self._steps.lead or not self._is_kept(text):
            return super().last_piece(text)
        return self._reader.last_piece(text)

    def settled(self, data: Text) -> int:
        """Find a cut of the inner engine that no added token or normalizer reaches over."""
        if not self._is_separable:
            return 0
        raw = data.encode() if isinstance(data, str) else bytes(memoryview(data))
        end = len(raw) - self._longest
        for _ in range(_TRIES):
            cut = self._inner.settled(raw[:end]) if end > 0 else 0
            if cut == 0 or self._is_clear(raw[max(cut - self._longest, 0) : cut + self._longest]):
                return cut
            end = cut - 1
        return 0

    def _is_clear(self, around: bytes) -> bool:
        """Return whether the bytes around a cut are kept, and hold no added token."""
        window = around.decode("utf-8", "ignore")
        found = self._inner.find_special(window, self._all_tokens)
        return found is None and self._steps.keeps_text(window)

    def counter(self) -> Stream:
        """Count in the core as the text comes, where nothing but U+2581 may change it."""
        signs = any(SPACE_SIGN in token.content for token in self._steps.added.tokens)
        if not self._is_free or self._finds or self._gaps or (self._steps.signs and signs):
            return super().counter()
        if self._steps.lead and not self._leads:
            return super().counter()
        sign = SPACE_SIGN if self._steps.signs else ""
        return SpaceCounter(self, sign, self._reader.counter())

    # Offsets

    def token_spans(self, text: Text, ids: Buffer, unit: int) -> Integers:
        text = as_str(text)
        whole = self._whole(text)
        if whole is not None:
            all_ids = self._reader.encode_buffer(whole, None)
            wanted = len(memoryview(ids))
            if memoryview(all_ids)[:wanted] != memoryview(ids):
                raise ValueError("ids: expected the first ids of the text, got others")
            spans = self._reader.token_spans(whole, all_ids, unit)
            return _moved(spans, 0, len(whole) - len(text))[: 2 * wanted]
        spans = array("q")
        wanted = 2 * len(memoryview(ids))
        at = start = 0  # in characters, and in units
        for section, read in self._sections(text, None):
            if section.start is None or section.end is None:
                raise NotImplementedError(_MOVED)
            start += width(text[at : section.start], unit)
            at = section.start
            if section.id is not None:
                spans.extend((start, start + width(text[section.start : section.end], unit)))
            else:
                lead = len(read) - (section.end - section.start)
                signs = unit != _CHAR and SPACE_SIGN in section.text and self._steps.signs
                if signs or (self._gaps and self._gaps.has(read)):
                    raise NotImplementedError(_MOVED)
                reader = self._section_reader(section.start == 0)
                inner = reader.token_spans(read, reader.encode_buffer(read, None), unit)
                spans.extend(_moved(inner, start, lead))
            if len(spans) >= wanted:
                break
        return spans[:wanted]

    def cuts(self, text: str, ids: Ids) -> Cuts:
        from tokenkit.encodings.truncation import LedCuts

        text = as_str(text)
        if self._whole(text) is None:
            return super().cuts(text, ids)
        read = self._steps.led(text)
        cuts = self._inner.cuts(read, ids)
        lead = len(read) - len(text)
        return LedCuts(cuts, lead) if lead else cuts

    def truncate(self, text: str, settings: TruncateSettings) -> str:
        joins = not settings.marker or (self._is_free and self._is_kept(settings.marker))
        # The core takes no text with surrogates, which `as_str` replaces.
        if joins and as_str(text) is text and self._is_kept(text):
            left = self._reader.truncate(text, settings)
            # Two ends that are joined may hold what neither did.
            if self._is_free or self._is_kept(left):
                return left
        return super().truncate(text, settings)

    # Many texts

    def count_batch(self, texts: Sequence[Text], num_threads: int) -> array[int]:
        whole, rest = self._split_batch(texts)
        counts = array("q", [0]) * (len(whole) + len(rest))
        inner = self._reader.count_batch(list(whole.values()), num_threads)
        for index, count in zip(whole, inner.tolist(), strict=True):
            counts[index] = count
        for index, text in rest.items():
            counts[index] = self.count(text, None)
        return counts

    def id_lists(self, ids: Ids, offsets: Integers) -> list[list[int]]:
        return self._inner.id_lists(ids, offsets)

    def encode_batch(
        self, texts: Sequence[Text], allowed: Allowed | None, num_threads: int
    ) -> tuple[Ids, Integers]:
        if allowed:
            return super().encode_batch(texts, allowed, num_threads)
        whole, rest = self._split_batch(texts)
        inner, ends = self._reader.encode_batch(list(whole.values()), None, num_threads)
        if not rest:
            return inner, ends
        view, places = memoryview(inner), iter(ends.tolist())
        ids, offsets, start = array("I"), array("q", [0]), next(places)
        for index in range(len(whole) + len(rest)):
            if index in rest:
                ids.extend(_as_array(self.encode_buffer(rest[index], None)))
            else:
                end = next(places)
                ids.frombytes(bytes(view[start:end]))
                start = end
            offsets.append(len(ids))
        return ids, offsets

    def _split_batch(self, texts: Sequence[Text]) -> tuple[dict[int, str], dict[int, str]]:
        """Give what the core reads for each text, and the other texts, by index."""
        whole, rest = {}, {}
        for index, text in enumerate(checked_texts(texts)):
            read = self._whole(text)
            if read is None:
                rest[index] = text
            else:
                whole[index] = read
        return whole, rest

    # Chunks

    def chunk_batch(
        self, texts: Sequence[str], formats: list[int], settings: ChunkSettings, num_threads: int
    ) -> list[Chunks]:
        if self._joins(settings.prefix):
            kept = [index for index, text in enumerate(texts) if self._is_kept(as_str(text))]
        else:
            kept = []
        inner = self._reader.chunk_batch(
            [texts[index] for index in kept],
            [formats[index] for index in kept],
            settings,
            num_threads,
        )
        made = dict(zip(kept, inner, strict=True))
        others = [index for index in range(len(texts)) if index not in made]
        slow = super().chunk_batch(
            [texts[index] for index in others],
            [formats[index] for index in others],
            settings,
            num_threads,
        )
        made.update(zip(others, slow, strict=True))
        return [made[index] for index in range(len(texts))]

    def _joins(self, prefix: str) -> bool:
        """Return whether a prefix before a kept text is kept with it."""
        if not prefix:
            return True
        if self._is_free or not self._is_kept(prefix):
            return self._is_kept(prefix)
        # White space of ASCII is composed with nothing; nothing that is looked for may hold it.
        last = prefix[-1]
        sought = [self._steps.keeps.sought, *(token.content for token in self._steps.added.tokens)]
        return last in " \t\n\r" and not any(last in text for text in sought)


_MOVED = (
    "token spans: the tokenizer changes this text before it splits it, so that its tokens stand at "
    "no place in it; count slices of the text instead"
)


def _as_array(ids: Ids) -> array[int]:
    if isinstance(ids, array):
        return ids
    out = array("I")
    out.frombytes(bytes(memoryview(ids)))
    return out


def _moved(spans: Integers, start: int, lead: int) -> array[int]:
    """Move spans of what the core read: `lead` spaces before it are nowhere in the text."""
    flat = array("q")
    flat.frombytes(bytes(memoryview(spans)))
    if not start and not lead:
        return flat
    return array("q", [start + max(place - lead, 0) for place in flat])
