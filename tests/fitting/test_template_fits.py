"""Fitting by chat templates: the limit holds for the chat as it is written, which stays valid."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, strategies as st
from own_templates import (
    HEADED,
    MARKED,
    SYSTEM,
    TEMPLATES,
    TOOL,
    TURNS,
    call,
    own_encoding,
    reply,
    result,
    user,
)
from search import examples

import tokenkit
from tokenkit import (
    ChatTemplateError,
    ContextMeter,
    ContextOverflowError,
    Prompt,
    count_messages,
    fit,
)
from tokenkit.costs import tool_costs
from tokenkit.encodings import ENCODINGS
from tokenkit.models import Model

pytestmark = pytest.mark.open

ENCODING = own_encoding("own-of-fits")


@pytest.fixture(autouse=True, scope="module")
def known() -> Iterator[None]:
    ENCODINGS[ENCODING.name] = ENCODING
    yield
    del ENCODINGS[ENCODING.name]


def model(template: str, window: int) -> Model:
    return Model(
        name="own",
        kind="chat",
        encoding=ENCODING.name,
        context_window=window,
        chat_template=template,
    )


@st.composite
def chats(draw: st.DrawFn, system: bool = True, calls: bool = True) -> list[dict[str, Any]]:
    """Turns of any length, some of which call a tool."""
    chat = [SYSTEM] if system and draw(st.booleans()) else []
    for number in range(draw(st.integers(1, 8))):
        chat.append(user("word " * draw(st.integers(0, 30)) + str(number)))
        if calls and draw(st.booleans()):
            chat.append(reply("", tool_calls=[call({"q": "x"}, str(number))]))
            chat.append(result('"cold"\n' * draw(st.integers(0, 60)), str(number)))
        chat.append(reply("thing " * draw(st.integers(0, 30))))
    return [*chat, user("And?")]


def holds(chat: list[Any], record: Model, **options: Any) -> None:
    """The result is within the limit as it is written; what is over it must stay."""
    try:
        fitted = fit(chat, record, **options)
    except ContextOverflowError:
        least = [message for message in chat if message["role"] == "system"] + chat[-1:]
        assert count_messages(least, record).tokens > record.context_window / 3  # type: ignore[operator]
        return
    tools = options.get("tools")
    assert fitted.tokens <= fitted.limit
    assert fitted.tokens == count_messages(fitted.messages, record, tools=tools).tokens
    assert fitted.messages[-1] is chat[-1]
    dropped = {loss.index for loss in fitted.dropped}
    stay = [message for index, message in enumerate(chat) if index not in dropped]
    cut = {loss.index for loss in fitted.truncated}
    for message, kept in zip(stay, fitted.messages, strict=True):
        assert message is kept or message["role"] == "tool"
    assert len(stay) == len(chat) or not fitted.exact or fitted.dropped
    assert cut <= {index for index, message in enumerate(chat) if message["role"] == "tool"}


@examples(40)
@given(
    chats(),
    st.sampled_from((MARKED, HEADED, TEMPLATES["brackets"])),
    st.integers(150, 900),
    st.sampled_from(("recent", "middle_out")),
)
def test_fits_are_within_the_limit(
    chat: list[Any], template: str, window: int, strategy: Any
) -> None:
    record = model(template, window)
    holds(chat, record, max_output=40, strategy=strategy)
    if template == MARKED and window > 500:
        holds(chat, record, max_output=40, strategy=strategy, tools=[TOOL])


@examples(40)
@given(
    chats(system=False, calls=False),
    st.integers(100, 900),
    st.sampled_from(("recent", "middle_out", "priority")),
)
def test_what_is_left_is_a_chat_that_the_template_takes(
    chat: list[Any], window: int, strategy: Any
) -> None:
    # Roles must alternate, so that most subsets of the chat are refused.
    values = [index * 7 % 5 for index in range(len(chat))] if strategy == "priority" else None
    holds(chat, model(TURNS, window), max_output=20, strategy=strategy, priorities=values)


def test_first_turn_stays_whole_where_roles_must_alternate() -> None:
    chat = [m for i in range(9) for m in (user(f"{i} " + "word " * 9), reply("x " * 20))]
    chat.append(user("And?"))
    record = model(TURNS, 400)
    fitted = fit(chat, record, max_output=10, strategy="middle_out")
    assert fitted.messages[:2] == chat[:2]
    assert [message["role"] for message in fitted.messages] == [
        "user" if index % 2 == 0 else "assistant" for index in range(len(fitted.messages))
    ]
    assert fitted.dropped


def test_results_that_are_written_as_json_shrink_to_what_they_cost() -> None:
    text = '"\n' * 400  # twice as long in JSON
    chat = [user("q"), reply("", tool_calls=[call({})]), result(text), user("And?")]
    record = model(HEADED, 600)
    fitted = fit(chat, record, max_output=20)
    assert fitted.tokens <= fitted.limit
    assert fitted.headroom < 60
    assert fitted.truncated[0].index == 2


def test_a_chat_that_the_template_refuses_is_not_fitted() -> None:
    with pytest.raises(ChatTemplateError, match="must alternate"):
        fit([user("a"), user("b")], model(TURNS, 400))


def test_prompts() -> None:
    record = model(MARKED, 400)
    history = [m for i in range(9) for m in (user(f"{i} " + "word " * 9), reply("x " * 9))]
    prompt = Prompt(record, max_output=40, tools=[TOOL]).system("Be brief.")
    prompt = prompt.section("notes", "the thing " * 90, max_tokens=0.3).history(history).user("?")
    fitted = prompt.render()
    assert fitted.tokens <= fitted.limit == 360
    assert fitted.tokens == count_messages(fitted.messages, record, tools=[TOOL]).tokens
    assert fitted.dropped
    assert fitted.messages[-1]["content"] == "?"
    assert Prompt(record).history([]).user("?").render().tokens > 0


def test_budgets_and_tools() -> None:
    record = model(MARKED, 900)
    whole = count_messages([user(".")], record, tools=[TOOL]).tokens
    alone = count_messages([user(".")], record).tokens
    assert tokenkit.Budget.for_model(record, tools=[TOOL]).tools_tokens == whole - alone
    assert tool_costs([TOOL], record).tokens == whole - alone


def test_a_meter_counts_the_chat_as_it_grows() -> None:
    for template in (MARKED, TURNS):
        record = model(template, 900)
        meter = ContextMeter(record)
        chat = []
        for message in (user("Hello"), reply("the thing"), user("And?")):
            chat.append(message)
            meter.add(message)
            assert meter.tokens == count_messages(chat, record).tokens


def test_room_that_the_template_leaves_is_used() -> None:
    # Long chats cost far more for each message than short ones.
    template = "{% for m in messages %}{{ m.content }}{% if messages | length > 6 %}"
    template += "{{ ' word' * 40 }}{% endif %}{% endfor %}"
    chat = [user(f"{number} the thing " * 3) for number in range(20)]
    fitted = fit(chat, model(template, 250), max_output=10, protect=())
    assert 5 <= len(fitted.messages) <= 6
