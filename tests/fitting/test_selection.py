"""Which messages stay: a slow twin chooses them by counting every candidate chat as a whole."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from chat_strategies import agent_loop, chats, random_chat
from fitted_chats import SYSTEM, fitted, kept_indexes, model, shares, total
from hypothesis import assume, given, strategies as st
from search import examples

from tokenkit.chat.counting import count_messages
from tokenkit.chat.groups import group_messages
from tokenkit.chat.request import request_rule
from tokenkit.errors import ContextOverflowError
from tokenkit.fitting.chat_fitter import ChatFitter
from tokenkit.fitting.fitter import fit
from tokenkit.fitting.selection import PROTECTED, Request, _Filling
from tokenkit.fitting.shrink import Shrinker
from tokenkit.models.lookup import get_model
from tokenkit.models.record import Model

Groups = list[list[Any]]
Count = Callable[[set[int]], int]


def slow_groups(chat: list[Any]) -> Groups:
    groups: Groups = []
    for message in chat:
        if message["role"] == "tool":
            groups[-1].append(message)
        else:
            groups.append([message])
    return groups


def slow_fit(
    chat: list[Any], limit: int, strategy: str, protect: tuple[str, ...], values: list[float]
) -> list[Any] | None:
    """The messages that `fit` should keep, without shrinking; None if it should raise."""
    groups = slow_groups(chat)
    everything = set(range(len(groups)))

    def joined(kept: set[int]) -> list[Any]:
        return [message for position in sorted(kept) for message in groups[position]]

    def tokens(kept: set[int]) -> int:
        return count_messages(joined(kept), "gpt-4o").tokens

    if tokens(everything) <= limit:
        return chat
    must = slow_must(groups, protect)
    users = [i for i in sorted(everything) if groups[i][0]["role"] == "user"]
    if "first_user" in protect and users and tokens({*must, users[0]}) <= limit:
        must.add(users[0])
    if tokens(must) > limit:
        return None
    free = sorted(everything - must)
    if strategy == "recent":
        kept = slow_recent(must, free, tokens, limit)
    elif strategy == "middle_out":
        kept = slow_middle_out(must, free, tokens, limit)
    else:
        kept = slow_priority(must, free, tokens, limit, groups, chat, values)
    return joined(without_orphaned_start(groups, kept, must))


def slow_must(groups: Groups, protect: tuple[str, ...]) -> set[int]:
    must = {len(groups) - 1}
    if "system" in protect:
        others = [i for i, group in enumerate(groups) if group[0]["role"] not in SYSTEM]
        must |= {i for i in range(len(groups)) if i not in others} | set(others[-1:])
    if "last_user" in protect:
        must |= set([i for i, group in enumerate(groups) if group[0]["role"] == "user"][-1:])
    return must


def slow_recent(must: set[int], free: list[int], tokens: Count, limit: int) -> set[int]:
    """As many of the newest as fit."""
    for first in range(len(free)):
        if tokens({*must, *free[first:]}) <= limit:
            return {*must, *free[first:]}
    return must


def slow_middle_out(must: set[int], free: list[int], tokens: Count, limit: int) -> set[int]:
    """From both ends, the shorter side next, the end of the chat on a tie; a side stops where
    its next group does not fit."""
    head, tail = set[int](), set[int]()
    open_sides = {"head", "tail"}
    left = list(free)

    def length(side: set[int]) -> int:
        return tokens({*must, *side}) - tokens(must)

    while left and open_sides:
        sides = sorted(open_sides, reverse=True)  # the tail first
        side = min(sides, key=lambda name: length(head if name == "head" else tail))
        position = left[0] if side == "head" else left[-1]
        if tokens({*must, *head, *tail, position}) > limit:
            open_sides.remove(side)
            continue
        left.remove(position)
        (head if side == "head" else tail).add(position)
    return must | head | tail


def slow_priority(
    must: set[int],
    free: list[int],
    tokens: Count,
    limit: int,
    groups: Groups,
    chat: list[Any],
    values: list[float],
) -> set[int]:
    """The highest first, the newest first among equals; what does not fit is left out."""
    index_of = {id(message): index for index, message in enumerate(chat)}
    value = {i: max(values[index_of[id(message)]] for message in groups[i]) for i in free}
    kept = set(must)
    for position in sorted(free, key=lambda i: (value[i], i), reverse=True):
        if tokens({*kept, position}) <= limit:
            kept.add(position)
    return kept


def without_orphaned_start(groups: Groups, kept: set[int], must: set[int]) -> set[int]:
    """A chat that began with a user message does not begin with an answer now."""
    talk = [i for i in range(len(groups)) if groups[i][0]["role"] not in SYSTEM]
    stays = [i for i in talk if i in kept]
    users = [i for i in stays if groups[i][0]["role"] == "user"]
    if not users or stays[0] == talk[0]:
        return kept
    return {i for i in kept if i >= users[0] or i in must or i not in talk}


@examples(400)
@given(
    chats(turns=6, most_words=60),
    st.sampled_from((0.05, 0.15, 0.3, 0.5, 0.7, 0.9, 0.99, 1.0)),
    st.sampled_from(("recent", "middle_out", "priority")),
    st.lists(st.sampled_from(PROTECTED), unique=True).map(tuple),
    st.data(),
)
def test_fit_keeps_what_the_slow_twin_keeps(
    chat: list[Any], share: float, strategy: Any, protect: Any, data: st.DataObject
) -> None:
    values: list[float] = [0.0] * len(chat)
    if strategy == "priority":
        size = len(chat)
        values = data.draw(st.lists(st.sampled_from((0.0, 1.0, 2.5)), min_size=size, max_size=size))
    limit = int(count_messages(chat, "gpt-4o").tokens * share)
    small = Model(name="m", kind="chat", encoding="o200k_base", context_window=max(1, limit))
    expected = slow_fit(chat, max(1, limit), strategy, protect, values)
    options: dict[str, Any] = {"strategy": strategy, "protect": protect, "min_output": 0}
    if strategy == "priority":
        options["priorities"] = values
    if expected is None:
        with pytest.raises(ContextOverflowError):
            fit(chat, small, shrink_results=False, **options)
    else:
        result = fit(chat, small, shrink_results=False, **options)
        assert result.messages == expected
        assert result.tokens == count_messages(expected, "gpt-4o").tokens


@pytest.mark.parametrize("strategy", ["recent", "middle_out", "priority"])
def test_the_twin_is_asked_about_every_outcome(strategy: str) -> None:
    """Whole chats, shorter ones and overflows are all among the cases of the twin."""
    outcomes = {"whole": 0, "shorter": 0, "overflow": 0}
    for seed in range(25):
        chat = random_chat(seed, turns=5, most_words=40)
        whole = count_messages(chat, "gpt-4o").tokens
        for share in (0.05, 0.5, 1.0):
            kept = slow_fit(chat, int(whole * share), strategy, PROTECTED, [0.0] * len(chat))
            outcome = "overflow" if kept is None else "whole" if kept == chat else "shorter"
            outcomes[outcome] += 1
    assert min(outcomes.values()) >= 5, outcomes


@examples(200)
@given(chats(turns=6), st.sampled_from((0.15, 0.3, 0.5, 0.7, 0.9)))
def test_shrinking_keeps_no_fewer_groups_or_the_first_question(
    chat: list[Any], share: float
) -> None:
    limit = max(1, int(count_messages(chat, "gpt-4o").tokens * share))
    small = Model(name="m", kind="chat", encoding="o200k_base", context_window=limit)
    options: dict[str, Any] = {"min_output": 0, "on_overflow": "return"}
    whole = fit(chat, small, shrink_results=False, **options)
    shrunk = fit(chat, small, **options)
    # Room for the first question, which stays if it can, may only be there once results are short.
    first = next((one for one in chat if one["role"] == "user"), None)
    gained = any(one.message is first for one in whole.dropped) and first in shrunk.messages
    assert gained or len(shrunk.dropped) <= len(whole.dropped)
    assert shrunk.headroom >= 0 or whole.headroom < 0


def test_an_agent_keeps_its_newest_steps() -> None:
    chat = agent_loop(5, steps=12)
    limit = count_messages(chat, "gpt-4o").tokens // 2
    small = Model(name="m", kind="chat", encoding="o200k_base", context_window=limit)
    result = fit(chat, small, min_output=0, shrink_results=False)
    assert result.messages == slow_fit(chat, limit, "recent", PROTECTED, [0.0] * len(chat))
    assert result.messages[-1] is chat[-1]


@pytest.mark.parametrize("protect", [("system",), PROTECTED])
def test_a_chat_that_ends_in_a_system_message_shows_what_came_before(protect: Any) -> None:
    chat: list[dict[str, Any]] = [
        {"role": "user", "content": "Why?"},
        {"role": "assistant", "content": "word " * 50},
        {"role": "system", "content": "Be brief."},
    ]
    must = [message for message in chat if message["role"] != "user" or "last_user" in protect]
    needed = count_messages(must, "gpt-4o").tokens
    for limit, fits in ((needed, True), (needed - 1, False)):
        small = Model(name="m", kind="chat", encoding="o200k_base", context_window=limit)
        result = fit(chat, small, min_output=0, protect=protect, on_overflow="return")
        assert result.messages == must
        assert (result.headroom >= 0) == fits


@pytest.mark.parametrize(("room", "soft"), [(100, 64), (1_600, 100), (1_000_000, 4_096)])
def test_a_result_is_oversize_beyond_a_share_of_the_room(room: int, soft: int) -> None:
    unused: Any = None
    assert Request([], unused, room, (), "recent", shrinks=True).soft == soft


def test_recent_squeezes_the_first_that_does_not_fit_and_nothing_older() -> None:
    """The third from the end, whose result could be shorter; the second is as long, and older."""
    chat: list[Any] = [{"role": "user", "content": "hi"}]
    for number in range(6):
        call = {"id": str(number), "type": "function", "function": {"name": "f", "arguments": "{}"}}
        chat.append({"role": "assistant", "content": None, "tool_calls": [call]})
        chat.append({"role": "tool", "tool_call_id": str(number), "content": "word " * 400})
    rule = request_rule(get_model("gpt-4o"))
    fitter = ChatFitter(rule, chat, 10**6)
    shrinker = Shrinker(chat, fitter.tally, rule)
    sizes = [group.tokens for group in fitter.groups]
    room = sum(sizes[-2:]) + sizes[-3] // 2
    request = Request(fitter.groups, shrinker, room, (), "recent", shrinks=True)
    request.soft = 10**6  # nothing is shortened before something is dropped
    filling = _Filling(request, [6])
    assert filling.fill() == [4, 5, 6]
    assert filling.used == sum(sizes[-2:])


@pytest.mark.parametrize("strategy", ["recent", "middle_out", "priority"])
def test_what_fits_exactly_stays(strategy: Any) -> None:
    chat: list[Any] = [{"role": "user", "content": "word " * n} for n in (50, 9, 9, 9)]
    needed = count_messages(chat[1:], "gpt-4o").tokens
    for limit, kept in ((needed, 3), (needed - 1, 2)):
        small = Model(name="m", kind="chat", encoding="o200k_base", context_window=limit)
        result = fit(chat, small, min_output=0, strategy=strategy, protect=())
        assert len(result.messages) == kept


@examples(600)
@given(chats(), shares)
def test_recent_drops_the_oldest(chat: list[Any], share: float) -> None:
    result, _ = fitted(chat, share)
    assume(result.dropped)
    newest_dropped = max(loss.index for loss in result.dropped)
    users = [index for index, message in enumerate(chat) if message["role"] == "user"]
    for index in kept_indexes(result, chat):
        if index < newest_dropped:
            assert chat[index]["role"] in SYSTEM or index in (users[0], users[-1])


def test_first_user_is_dropped_only_without_room() -> None:
    dropped = 0
    for seed in range(150):
        chat = random_chat(seed)
        first = next(message for message in chat if message["role"] == "user")
        must = fit(chat, model(1), min_output=0, on_overflow="return")
        if first in must.messages:
            continue  # it is the last one, too
        with_first = must.tokens + total([first]) - 3
        assert fit(chat, model(with_first), min_output=0).messages[0:2].count(first) == 1
        less = fit(chat, model(with_first - 1), min_output=0)
        assert first not in less.messages
        dropped += 1
    assert dropped > 100


def test_agent_loop_keeps_the_task() -> None:
    chat = agent_loop(3)
    result, limit = fitted(chat, 0.5)
    assert [message["role"] for message in result.messages[:3]] == ["system", "user", "assistant"]
    assert result.messages[1] is chat[1]
    assert result.tokens >= 0.97 * limit


def test_middle_out_drops_one_run_of_the_middle() -> None:
    chat = [
        {"role": "user" if i % 2 == 0 else "assistant", "content": f"{i} " + "word " * 20}
        for i in range(21)
    ]
    result, _ = fitted(chat, 0.5, strategy="middle_out")
    dropped = [loss.index for loss in result.dropped]
    assert dropped == list(range(dropped[0], dropped[-1] + 1))
    assert dropped[0] > 2
    assert dropped[-1] < 18


def test_priority_keeps_the_highest() -> None:
    chat = [{"role": "user", "content": f"{i} " + "word " * 20} for i in range(10)]
    values = [0, 0, 9, 0, 0, 8, 0, 0, 0, 0]
    result, _ = fitted(chat, 0.45, strategy="priority", priorities=values)
    kept = kept_indexes(result, chat)
    assert {0, 2, 5, 9} <= set(kept)
    by_function, _ = fitted(
        chat, 0.45, strategy="priority", priorities=lambda m: values[int(m["content"][0])]
    )
    assert by_function == result


def test_hysteresis_keeps_the_cut_in_place() -> None:
    roles = ("user", "assistant")
    chat = [{"role": roles[i % 2], "content": f"{i} " + "word " * (i % 17)} for i in range(300)]
    limit = total(chat) // 3

    def cuts(steady: float) -> int:
        """How often the oldest kept message changes while the chat grows turn by turn."""
        starts = [
            fit(
                chat[:end], model(limit), min_output=0, hysteresis=steady, protect=("last_user",)
            ).messages[0]["content"]
            for end in range(1, len(chat), 2)
        ]
        return sum(a != b for a, b in pairwise(starts))

    assert cuts(0.0) > 60
    assert cuts(0.3) < 10


def test_hysteresis_keeps_a_prefix() -> None:
    chat = random_chat(12, turns=60)
    limit = total(chat) // 3
    same = 0
    last: list[Any] = []
    ends = [i for i, message in enumerate(chat) if message["role"] == "user"][5:]
    for end in ends:
        result = fit(chat[: end + 1], model(limit), min_output=0, hysteresis=0.3)
        same += result.messages[: len(last)] == last
        last = result.messages
    assert same >= 0.75 * len(ends)


@given(st.integers(0, 10_000), st.integers(50, 2_000))
@examples(40)
def test_the_strategy_api_drops_from_the_beginning_as_a_naive_twin(seed: int, room: int) -> None:
    chat = random_chat(seed, turns=6, most_words=60)
    result = fit(chat, model(room), max_output=None, strategy="api", on_overflow="return")
    gone = {loss.index for loss in result.dropped}
    kept = [message for index, message in enumerate(chat) if index not in gone]
    assert result.messages == kept
    assert not result.truncated
    assert not [i for i in gone if chat[i]["role"] in ("system", "developer")]
    others = [i for i, m in enumerate(chat) if m["role"] not in ("system", "developer")]
    assert sorted(gone) == others[: len(gone)]
    if gone and result.tokens <= room:  # one group fewer would not have fitted
        newest = [group for group in group_messages(chat) if group.start in gone][-1]
        more = range(newest.start, newest.end)
        whole = [message for i, message in enumerate(chat) if i not in gone or i in more]
        assert total(whole) > room


def test_a_group_that_fits_to_the_token_leaves_the_shrinking_to_the_next() -> None:
    call = {"id": "a", "type": "function", "function": {"name": "look", "arguments": "{}"}}
    chat: list[Any] = [
        {"role": "user", "content": "What is it?"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "a", "content": "one two three four five " * 12},
        {"role": "user", "content": "And now?"},
    ]
    limit = count_messages(chat[1:], "gpt-4o").tokens
    result = fit(chat, "gpt-4o", max_input=limit, protect=())
    assert [message["role"] for message in result.messages] == ["user", "assistant", "tool", "user"]
    assert [loss.index for loss in result.truncated] == [2]
