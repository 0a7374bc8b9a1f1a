"""Views of a request: dicts and lists for a template, which note what is read of them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, strategies as st
from own_templates import own_encoding
from search import examples

import tokenkit
from tokenkit import count_messages
from tokenkit.chat.template import named_templates, special_names, template_for
from tokenkit.chat.template_meter import MOST_STEPS, Meter, TemplateLimit
from tokenkit.chat.template_views import ListView, unread_items, viewed
from tokenkit.encodings import get_encoding
from tokenkit.models import Model

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=12,
)


def unread(view: Any) -> list[str]:
    return [path for path, _ in unread_items(view, "m")]


@examples(200)
@given(VALUES)
def test_views_are_what_they_view(value: Any) -> None:
    view = viewed(value, "m")
    assert view == value
    assert json.dumps(viewed(value, "m")) == json.dumps(value)
    for form in (repr, str, json.dumps):
        fresh = viewed(value, "m")
        assert form(fresh) == form(value)
        assert not unread(fresh)


def test_reading_is_noted_by_key() -> None:
    message = {
        "role": "user",
        "content": [{"type": "text", "text": "Hi"}],
        "name": "",
        "x": {"y": 1},
    }
    view = viewed(message, "m")
    assert unread(view) == ["m"]
    assert view["role"] == "user"
    assert "x" in view
    assert len(view["content"]) == 1
    assert unread(view) == ["m.content", "m.x"]
    assert view.get("content")[0]["type"] == "text"
    assert unread(view) == ["m.content[0].text", "m.x"]
    assert [part["text"] for part in view["content"]] == ["Hi"]
    assert view["x"] is not None
    assert unread(view) == ["m.x"]
    assert view == message  # comparing is not reading
    assert unread(view) == ["m.x"]
    assert dict(view)["x"]["y"] == 1
    assert not unread(view)


@pytest.mark.parametrize(
    "read",
    [list, tuple, reversed, lambda items: items + [], lambda items: items * 2, lambda i: i[:1]],
)
def test_lists_note_each_way_of_reading(read: Any) -> None:
    view = viewed(["a", "b"], "m")
    assert unread(view) == ["m"]
    list(read(view))
    assert not unread(view)
    assert not view._shown
    assert str(view) == "['a', 'b']"
    assert view._shown


def test_one_item_of_a_list() -> None:
    view = viewed(["a", "b", "c"], "m")
    assert view[-1] == "c"
    assert unread(view) == ["m[0]", "m[1]"]


def test_values_that_no_json_holds() -> None:
    assert viewed({"a": b"x"}, "m") == {"a": "<bytes>"}
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(ValueError, match=r"^m: expected values at most 100 deep"):
        viewed(endless, "m")


def test_meters_stop_at_their_limits() -> None:
    meter = Meter()
    meter.step(MOST_STEPS)
    with pytest.raises(TemplateLimit, match="400,000 steps"):
        meter.step()
    for value in (["x" * 100] * 100_000, {"a": "x" * 5_000_000}, range(10**9)):
        with pytest.raises(TemplateLimit):
            Meter().read(value)
    with pytest.raises(TemplateLimit, match="4096 bits"):
        Meter().took(1 << 4096)
    assert Meter().read(["ab", {"c": "def"}]) == 6
    view = viewed(["ab"], "m")
    assert Meter().read([view, view]) == 2 * view._size
    assert isinstance(view, ListView)


def test_templates_of_files() -> None:
    config = {
        "bos_token": "<s>",
        "eos_token": {"content": "</s>"},
        "unk_token": None,
        "x_token": "x",
    }
    assert special_names(config) == {"bos_token": "<s>", "eos_token": "</s>"}
    assert special_names(None) == {}
    assert named_templates({"default": "a"}, "m") == {"default": "a"}
    encoding = own_encoding("own-file", "FILE")
    record = Model(name="m", kind="chat", encoding="own-file")
    found = template_for(record, encoding)
    assert found is not None
    assert found.templates == {"default": "FILE"}
    assert found.variables == {"bos_token": "<bos>", "eos_token": "<eos>"}
    vars(encoding)["_file_facts"] = {"config": {"chat_template": "CONFIG"}, "chat_template": None}
    found = template_for(record, encoding)
    assert found is not None
    assert found.templates == {"default": "CONFIG"}
    for template, expected in (("OWN", {"default": "OWN"}), ("", None)):
        record = Model(name="m", kind="chat", encoding="own-file", chat_template=template)
        found = template_for(record, encoding)
        assert (found and found.templates) == expected
    assert template_for(Model(name="m", kind="chat"), get_encoding("gpt2")) is None


NAMED = {"default": "D", "tool_use": "T", "rag": "R"}


@pytest.mark.parametrize(
    "facts",
    [
        {"config": {}, "chat_template": NAMED},
        {
            "config": {"chat_template": [{"name": n, "template": t} for n, t in NAMED.items()]},
            "chat_template": "D",
        },
    ],
)
def test_a_template_of_the_file_is_chosen_by_its_name(facts: dict[str, Any]) -> None:
    encoding = own_encoding("own-named")
    vars(encoding)["_file_facts"] = facts

    def templates(given: str | None) -> object:
        found = template_for(Model(name="m", kind="chat", chat_template=given), encoding)
        return found and dict(found.templates)

    assert templates(None) == NAMED
    for name, text in NAMED.items():
        assert templates(name) == {"default": text}
    assert templates("{{ messages }}") == {"default": "{{ messages }}"}
    assert templates("") is None
    with pytest.raises(
        tokenkit.ChatTemplateError, match=r"the name of one of the file's .*got 'rga'"
    ):
        templates("rga")
    # Without named ones it is a text, however short.
    vars(encoding)["_file_facts"] = {"config": {}, "chat_template": "D"}
    assert templates("rga") == {"default": "rga"}


def test_an_encoding_is_known_by_its_name_once_a_model_has_it() -> None:
    encoding = own_encoding("own-listed")
    record = tokenkit.register_model(
        "own-model", encoding=encoding, context_window=500, provider="me"
    )
    assert (record.kind, record.encoding, record.provider) == ("chat", "own-listed", "me")
    assert get_encoding("own-listed") is encoding
    assert tokenkit.count("the", "own-model") == 1
    with pytest.raises(ValueError, match="no bundled encoding has, got 'gpt2'"):
        tokenkit.register_model("own-model", encoding=own_encoding("gpt2"))
    assert tokenkit.register_model("own-model", encoding=get_encoding("gpt2")).encoding == "gpt2"


def test_fields_by_name_lie_over_a_record() -> None:
    base = tokenkit.get_model("gpt-4")
    own = tokenkit.register_model(
        base, name="own-4", aliases=(), snapshots=(), context_window=20_000
    )
    assert (own.name, own.safe_input_tokens, own.encoding) == ("own-4", 20_000, base.encoding)


def test_bundled_names_are_those_that_are_reserved() -> None:
    from tokenkit.encodings.known import BUNDLED

    assert tuple(tokenkit.encodings.verify()) == BUNDLED


# ---- what a template of one's own makes of messages ---------------------------------------------


def counted_by(template: str, *messages: dict[str, Any]) -> tokenkit.MessageCount:
    record = tokenkit.register_model(
        "own-count", encoding="o200k_base", context_window=5_000, chat_template=template
    )
    return count_messages(messages, record)


ASK = {"role": "user", "content": "the first words"}  # 3 tokens
ANSWER = {"role": "assistant", "content": "another text of more words"}  # 5


@pytest.mark.open
def test_messages_have_their_own_tokens_without_a_loop() -> None:
    alone = counted_by("{{ messages[0].content }}", ASK)
    assert [part.tokens for part in alone.parts] == [3, 0]  # none is the reply's
    backwards = counted_by("{{ messages[1].content }} / {{ messages[0].content }}", ASK, ANSWER)
    assert [part.tokens for part in backwards.parts] == [3, 5, 1, 0]


@pytest.mark.open
def test_all_that_a_template_does_not_read_may_be_more_tokens() -> None:
    count = counted_by("{% for m in messages %}{{ m.role }}{% endfor %}", {**ASK, "name": "ann"})
    unread = sum(tokenkit.count(text, "gpt-4o") for text in (ASK["content"], "ann"))
    assert (count.tokens, count.low, count.high) == (1, 1, 1 + unread)


@pytest.mark.open
def test_a_key_that_is_read_is_not_doubted_for_one_that_it_begins_with() -> None:
    template = "{% for m in messages %}{{ m.content }}{{ m.xy }}{% endfor %}"
    count = counted_by(template, {**ASK, "xy": "one two", "x": "three four"})
    assert [note for note in count.notes if "messages[0].x" in note] == [
        "messages[0].x: this key is not known, so the number has no upper bound"
    ]


# ---- without a template -------------------------------------------------------------------------


def test_bounds_without_a_template() -> None:
    encoding = own_encoding("own-bare")
    record = tokenkit.register_model("own-bare", encoding=encoding, context_window=500)
    chat = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": " the thing "}]
    texts = sum(encoding.count(message["content"]) for message in chat)
    count = count_messages(chat, record)
    assert not count.exact
    assert count.low <= texts < count.tokens < count.high  # type: ignore[operator]
    # Every frame of the templates that the bounds were taken from is inside.
    assert count.low <= texts - encoding.count("  ")
    assert count.high >= texts + 2 * 14 + 71  # type: ignore[operator]
    assert any("no chat template is known for own-bare" in note for note in count.notes)
    as_developer = count_messages([{**chat[0], "role": "developer"}, chat[1]], record)
    assert (as_developer.low, as_developer.high) == (count.low, count.high)
    alone = count_messages(chat[1:], record)
    assert alone.high >= encoding.count(" the thing ") + 14 + 1170  # type: ignore[operator]
    tool = {"type": "function", "function": {"name": "look_up", "description": "word " * 99}}
    with_tools = count_messages(chat, record, tools=[tool])
    assert with_tools.low <= count.low  # a template may leave tools out
    assert with_tools.high > count.high + 661  # type: ignore[operator]
    assert any("tools and response formats" in note for note in with_tools.notes)
    fitted = tokenkit.fit([*chat, *[{"role": "user", "content": "word " * 30}] * 9], record)
    assert fitted.tokens <= fitted.limit
    thought = [*chat, {"role": "assistant", "content": "<think>" + "word " * 50 + "</think>Yes."}]
    assert count_messages(thought, record).low <= count.low + encoding.count("Yes.")
