"""Prompts: sections that share the room by priority, caps, minimums and flex."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from chat_strategies import random_chat
from hypothesis import given, strategies as st
from search import examples

from tokenkit.chat.counting import count_messages
from tokenkit.chat.memo import counts_for
from tokenkit.errors import ContextOverflowError
from tokenkit.fitting.allot import Allotment, allot
from tokenkit.fitting.prompt import Prompt
from tokenkit.fitting.result import Fit
from tokenkit.fitting.shrink import MARKER
from tokenkit.models.record import Model


def model(limit: int) -> Model:
    return Model(name="small", kind="chat", encoding="o200k_base", context_window=limit)


def prompt(limit: int) -> Prompt:
    return Prompt(model(limit), min_output=0)


def texts(result: Fit) -> list[Any]:
    return [message["content"] for message in result.messages]


def words(word: str, count: int) -> str:
    return " ".join([word] * count)


def test_a_copy_goes_on_by_itself() -> None:
    built = prompt(1_000).system("Rules.")
    other = copy.copy(built).user("Why?")
    built.user("How?")
    assert texts(built.render()) == ["Rules.", "How?"]
    assert texts(other.render()) == ["Rules.", "Why?"]


def test_everything_fits() -> None:
    built = prompt(1_000).system("Rules.").section("docs", ["One.", "Two."])
    built.history([{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}])
    result = built.user("Question?").render()
    assert texts(result) == ["Rules.", "One.\n\nTwo.", "a", "b", "Question?"]
    assert not result.dropped
    assert not result.truncated
    assert result.tokens == count_messages(result.messages, "gpt-4o").tokens


def test_a_minimum_of_more_than_the_text_is_that_of_the_text() -> None:
    built = prompt(90).section("small", words("low", 20), priority=1, min_tokens=1_000)
    result = built.section("big", words("high", 300), priority=2).user("Go.").render()
    assert texts(result)[0] == words("low", 20)
    assert [cut.index for cut in result.truncated] == [1]
    assert result.headroom <= 2


def test_room_of_a_marker_alone_is_for_text() -> None:
    size = counts_for("o200k_base").count(MARKER)
    for more in (0, 1):
        built = prompt(1_000).section("docs", words("low", 100), max_tokens=size + more)
        text = texts(built.render())[0]
        assert text.startswith("low")
        assert text.endswith(MARKER) == (more > 0)


def test_higher_priority_is_filled_first() -> None:
    built = prompt(160).system("Rules.")
    built.section("low", words("low", 100), priority=1).section(
        "high", words("high", 100), priority=2
    )
    result = built.user("Go.").render()
    assert texts(result)[2] == words("high", 100)
    low = texts(result)[1]
    assert low.startswith("low low")
    assert low.endswith(MARKER)
    assert result.tokens <= 160
    assert [cut.index for cut in result.truncated] == [1]


def test_caps_in_tokens_and_shares() -> None:
    built = prompt(400)
    built.section("a", words("a", 300), max_tokens=50).section(
        "b", words("b", 300), max_tokens=0.25
    )
    result = built.user("Go.").render()
    first, second = (count_messages([m], "gpt-4o").tokens - 7 for m in result.messages[:2])
    assert 40 <= first <= 50
    assert 90 <= second <= 100


def test_flex_takes_what_is_left() -> None:
    built = prompt(400)
    built.section("a", words("a", 600), max_tokens=50, flex=1)
    built.section("b", words("b", 600), max_tokens=50, flex=3)
    built.section("c", words("c", 60), max_tokens=30)
    result = built.user("Go.").render()
    a, b, c = (count_messages([m], "gpt-4o").tokens - 7 for m in result.messages[:3])
    assert c <= 30
    assert b - 50 > 2 * (a - 50) > 0
    assert result.tokens >= 0.97 * 400


def test_minimum_or_fallback_or_nothing() -> None:
    built = prompt(60).section("big", words("big", 200), min_tokens=100, fallback="summary")
    assert texts(built.user("Go.").render()) == ["summary", "Go."]
    built.section("more", words("more", 200), flex=1)  # takes only what the fallback leaves
    assert texts(built.render())[0] == "summary"
    built = prompt(60).section("big", words("big", 200), min_tokens=100)
    result = built.user("Go.").render()
    assert texts(result) == ["Go."]
    assert [loss.index for loss in result.dropped] == [0]
    assert "no room" in result.report()


@pytest.mark.parametrize(
    ("keep", "start", "end"), [("head", "0", None), ("tail", None, "199"), ("ends", "0", "199")]
)
def test_kept_part(keep: Any, start: str | None, end: str | None) -> None:
    text = " ".join(str(number) for number in range(200))
    result = prompt(120).section("s", text, keep=keep).user("Go.").render()
    shorter = texts(result)[0]
    assert shorter.startswith(start if start is not None else MARKER)
    assert shorter.endswith(end if end is not None else MARKER)
    assert result.tokens > 110


def test_keep_none_drops_whole_texts() -> None:
    parts = [words(name, 20) for name in ("one", "two", "three", "four")]
    result = prompt(70).section("s", parts, keep=None).user("Go.").render()
    assert texts(result)[0] == "\n\n".join(parts[:2])


def room_of_section(limit: int) -> int:
    """Tokens of text that a section may have beside a user message `Go.`"""
    empty = [{"role": "system", "content": ""}, {"role": "user", "content": "Go."}]
    return limit - count_messages(empty, "gpt-4o").tokens


@pytest.mark.parametrize("keep", ["head", "tail", "ends"])
@pytest.mark.parametrize("least", [5, 20, 60])
def test_minimum_is_exact(keep: Any, least: int) -> None:
    """With just enough room for the minimum the section stays; with a token less it does not."""
    text = " ".join(str(number) for number in range(200))
    outcomes = {}
    for limit in range(60, 90):
        built = prompt(limit).section("s", text, keep=keep, min_tokens=least, fallback="none")
        outcomes[room_of_section(limit)] = texts(built.user("Go.").render())[0]
    assert {room for room, content in outcomes.items() if content == "none"} == {
        room for room in outcomes if room < least
    }
    built = prompt(60).section("s", text, keep=keep, min_tokens=60)
    result = built.user("Go.").render()
    assert texts(result) == ["Go."]
    assert result.dropped[0].reason == "section 's': no room"


def test_minimum_of_whole_texts() -> None:
    """Texts that stay whole must add up to the minimum."""
    parts = [words(name, 20) for name in ("one", "two", "three")]
    two = counts_for("o200k_base").count("\n\n".join(parts[:2]))
    limit = 60 - room_of_section(60) + two + 5
    for least, content in ((two, "\n\n".join(parts[:2])), (two + 1, "none")):
        built = prompt(limit).section("s", parts, keep=None, min_tokens=least, fallback="none")
        assert texts(built.user("Go.").render())[0] == content
    assert texts(prompt(limit).section("s", parts, keep=None).user("Go.").render())[0] == (
        "\n\n".join(parts[:2])
    )
    assert texts(prompt(30).section("s", parts, keep=None).user("Go.").render()) == ["Go."]


def test_minimum_above_the_cap_is_the_cap() -> None:
    built = prompt(400).section("s", words("a", 300), max_tokens=30, min_tokens=90, fallback="no")
    assert texts(built.user("Go.").render())[0].startswith("a a")


def test_reasons_of_losses() -> None:
    built = prompt(70).section("long", words("a", 100), priority=1)
    built.section("small", words("b", 90), min_tokens=60, fallback="less", priority=2)
    built.section("extra", words("c", 90))
    result = built.user("Go.").render()
    assert [loss.reason for loss in result.dropped] == ["section 'extra': no room"]
    long, small = result.truncated
    assert small.reason == "section 'small': replaced by its fallback"
    # The fallback takes its text and the frame of its message from the room of both.
    taken = small.tokens_after + 4
    assert long.reason == f"section 'long': {room_of_section(70) - taken + 4} tokens of room"


def test_keep_with() -> None:
    built = prompt(60).section("docs", words("doc", 200), min_tokens=150, priority=1)
    built.section("how to cite", "Cite the documents.", keep_with="docs", priority=2)
    result = built.user("Go.").render()
    assert texts(result) == ["Go."]
    assert "'docs' was dropped" in result.report()
    with pytest.raises(ValueError, match="keep_with: expected one of 'a', got 'nothing'"):
        prompt(60).section("a", "x", keep_with="nothing").render()


def test_history_keeps_the_newest_groups() -> None:
    chat = random_chat(3, turns=20)
    before = copy.deepcopy(chat)
    result = prompt(500).system("Rules.").history(chat).user("Go.").render()
    assert chat == before
    assert 0.95 * 500 <= result.tokens <= 500
    assert result.dropped
    assert all(1 <= loss.index <= len(chat) for loss in result.dropped)


def test_what_if() -> None:
    built = prompt(80).section("s", words("text", 300)).user("Go.")
    small = built.render()
    assert small.truncated
    large = built.render(model=model(1_000))
    assert not large.truncated
    assert built.render() == small
    assert built.render(max_output=20).limit == 60
    assert built.render(max_output=None).limit == 80
    assert built.render(max_output=None).max_output is None
    reserving = Prompt(model(80), max_output=30, min_output=0).user("Go.")
    assert reserving.render().limit == reserving.render(max_output=30).limit == 50
    assert reserving.render(max_output="auto").max_output == 80 - reserving.render().tokens


def test_fixed_messages_that_do_not_fit() -> None:
    with pytest.raises(ContextOverflowError) as caught:
        prompt(20).system(words("rule", 50)).section("s", "x").user("Go.").render()
    assert caught.value.available == 20
    assert caught.value.needed > 50


sections = st.fixed_dictionaries(
    {
        "texts": st.lists(st.integers(0, 80).map(lambda n: words("text", n)), max_size=4),
        "priority": st.integers(0, 3),
    },
    optional={
        "max_tokens": st.none() | st.integers(0, 100) | st.floats(0, 1),
        "min_tokens": st.integers(0, 60),
        "flex": st.integers(0, 3),
        "keep": st.sampled_from(("head", "tail", "ends", None)),
        "fallback": st.just("short"),
    },
)


@examples(200)
@given(st.integers(40, 600), st.lists(sections, max_size=5), st.integers(0, 50), st.booleans())
def test_never_over_the_limit(
    limit: int, parts: list[dict[str, Any]], seed: int, tools: bool
) -> None:
    functions = [{"type": "function", "function": {"name": "f"}}] if tools else None
    built = Prompt(model(limit), min_output=0, tools=functions)
    for number, part in enumerate(parts):
        built.section(f"s{number}", **part)
    built.history(random_chat(seed, turns=4), priority=1).user("Go.")
    result = built.render()
    count = count_messages(result.messages, "gpt-4o", tools=functions).tokens
    assert result.tokens == count <= limit
    assert result.messages[-1]["content"] == "Go."
    assert built.render() == result


@given(
    st.lists(
        st.builds(
            lambda full, cap, least, flex: Allotment(
                full, min(full, cap), min(full, cap, least), flex, min(full, cap, least) // 3
            ),
            *[st.integers(0, 200)] * 3,
            st.integers(0, 3),
        ),
        max_size=6,
    ),
    st.integers(0, 500),
)
def test_allotments(wanted: list[Allotment], room: int) -> None:
    granted = allot(wanted, room)
    assert sum(granted) <= room
    for want, tokens in zip(wanted, granted, strict=True):
        assert 0 <= tokens <= (want.full if want.flex else want.cap)
        assert tokens >= want.least or tokens in (0, want.substitute)
    hungry = [w for w, g in zip(wanted, granted, strict=True) if w.flex and w.least <= g < w.full]
    if hungry:
        assert sum(granted) == room


def test_an_entry_without_its_least_leaves_what_is_left_to_others() -> None:
    wanted = [Allotment(100, 100, least=80, flex=1), Allotment(100, 10, flex=1)]
    assert allot(wanted, 50) == [0, 50]


def test_a_fallback_without_room_is_dropped_too() -> None:
    built = prompt(60).section(
        "docs", words("big", 200), min_tokens=150, fallback=words("less", 100)
    )
    result = built.user("Go.").render()
    assert texts(result) == ["Go."]
    assert [loss.reason for loss in result.dropped] == ["section 'docs': no room"]


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"texts": [3]}, TypeError, r"section 's': texts\[0\]: expected str, got int"),
        ({"keep": "middle"}, ValueError, "section 's': keep: expected 'head', 'tail' or 'ends'"),
        ({"max_tokens": 1.5}, ValueError, "max_tokens: expected a fraction of at least 0 and at"),
        ({"max_tokens": -1}, ValueError, "max_tokens: expected at least 0"),
        ({"max_tokens": True}, TypeError, "max_tokens: expected a whole number"),
        ({"min_tokens": -1}, ValueError, "min_tokens: expected at least 0"),
        ({"flex": -1}, ValueError, "flex: expected at least 0"),
        ({"flex": float("inf")}, ValueError, "flex: expected a number, got inf"),
        ({"texts": 5}, TypeError, "section 's': texts: expected str or a list of str, got int"),
        ({"fallback": 5}, TypeError, "section 's': fallback: expected str, got int"),
        ({"keep_with": ["s"]}, TypeError, "section 's': keep_with: expected str, got list"),
    ],
)
def test_bad_sections(options: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        prompt(100).section("s", **{"texts": ["x"], **options})
    with pytest.raises(ValueError, match="section 's': expected a new name"):
        prompt(100).section("s", "x").section("s", "y")


@pytest.mark.parametrize(
    ("method", "arguments", "error", "message"),
    [
        ("system", (5,), TypeError, "system: expected str, got int"),
        ("system", ([],), TypeError, "system: expected str, got list"),
        ("user", (None,), TypeError, "user: expected str or content parts, got NoneType"),
        (
            "history",
            ([{"content": "x"}],),
            ValueError,
            r"messages\[0\].role: expected one of .*, got none",
        ),
        (
            "history",
            ([{"role": "tool", "tool_call_id": "a", "content": ""}],),
            ValueError,
            r"messages\[0\]: expected the call 'a' of this tool result",
        ),
        ("history", ("hello",), TypeError, "messages: expected a list of dicts"),
    ],
)
def test_bad_entries(
    method: str, arguments: tuple[Any, ...], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        getattr(prompt(100), method)(*arguments)


def test_companions_go_one_after_another_and_leave_their_room() -> None:
    built = prompt(60)
    built.section("first", "word " * 10, keep_with="second", priority=3)
    built.section("second", "word " * 10, keep_with="third", priority=2)
    built.section("third", "word " * 90, min_tokens=80, priority=1)
    built.section("last", "word " * 30)
    result = built.render()
    assert [message["content"][:4] for message in result.messages] == ["word"]
    assert {loss.index for loss in result.dropped} == {0, 1, 2}
    assert "'third' was dropped" in result.report()


def test_bad_priorities() -> None:
    with pytest.raises(TypeError, match="section 's': priority: expected a number, got 'high'"):
        prompt(100).section("s", "x", priority="high")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="history: expected a new name"):
        prompt(100).history([]).history([])


def test_what_a_section_leaves_unused_goes_to_the_next() -> None:
    model = Model(name="m", kind="chat", encoding="o200k_base", context_window=200)
    prompt = Prompt(model, max_output=1).section(
        "whole texts", ["word " * 70] * 10, priority=1, keep=None
    )
    fitted = prompt.section("rest", "other " * 500).user("Hi").render()
    texts = [message["content"] for message in fitted.messages]
    assert len(texts) == 3
    assert "word" in texts[0]
    assert "other" in texts[1]
    assert fitted.headroom <= 5


def test_a_section_without_text_is_its_fallback_or_nothing() -> None:
    prompt = Prompt("gpt-4").section("documents", []).section("notes", ["", ""], fallback="None.")
    prompt.section("style", "Be short.", keep_with="documents").user("Why?")
    result = prompt.render()
    assert [message["content"] for message in result.messages] == ["None.", "Why?"]
    assert [(loss.index, loss.reason) for loss in result.dropped] == [
        (1, "section 'style': 'documents' was dropped")
    ]


def test_a_section_may_have_the_name_of_a_role() -> None:
    prompt = Prompt("gpt-4", max_output=8_170).section("user", "word " * 99, keep=None)
    prompt.section("note", "Be short.", keep_with="user").user("Why?")
    assert [message["content"] for message in prompt.render().messages] == ["Why?"]
