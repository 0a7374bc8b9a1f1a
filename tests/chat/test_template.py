"""Chats by their own template: what transformers writes, its tokens, and what is named."""

from __future__ import annotations

import json
import re
from typing import Any

import jinja2
import pytest
from own_templates import (
    CHATS,
    MARKED,
    NAMES,
    SYSTEM,
    TEMPLATES,
    TOOL,
    call,
    own_encoding,
    reply,
    result,
    user,
)
from transformers.utils.chat_template_utils import _normalize_chat_messages, render_jinja_template

import tokenkit
from tokenkit import ChatTemplateError, count_messages
from tokenkit.chat.template import ChatTemplate
from tokenkit.chat.template_chat import Form, GivenChat, given_messages
from tokenkit.encodings import ENCODINGS
from tokenkit.models import Model

pytestmark = pytest.mark.open

ENCODING = own_encoding("own-of-templates")


@pytest.fixture(autouse=True)
def known() -> None:
    ENCODINGS[ENCODING.name] = ENCODING


def model(template: str | None) -> Model:
    return Model(
        name="own", kind="chat", encoding=ENCODING.name, context_window=800, chat_template=template
    )


def written(chat: list[dict[str, Any]], template: str, tools: Any = None) -> str:
    """Render a chat as transformers does, with the beginning of a reply."""
    rendered, _ = render_jinja_template(
        conversations=[_normalize_chat_messages(chat)],
        tools=tools,
        chat_template=template,
        add_generation_prompt=True,
        **NAMES,
    )
    return str(rendered[0])


def written_or_refused(
    chat: list[dict[str, Any]], template: str, tools: Any
) -> tuple[str | None, str]:
    try:
        return written(chat, template, tools), ""
    except jinja2.TemplateError as error:
        return None, str(error)


def size(text: str) -> int:
    return ENCODING.count(text, allowed_special="all")


@pytest.mark.parametrize("tools", [None, [TOOL]], ids=["plain", "tools"])
@pytest.mark.parametrize("chat", CHATS.values(), ids=CHATS.keys())
@pytest.mark.parametrize("name", TEMPLATES)
def test_counts_what_transformers_writes(name: str, chat: list[Any], tools: Any) -> None:
    template = TEMPLATES[name]
    text, refusal = written_or_refused(chat, template, tools)
    if text is None:
        with pytest.raises(ChatTemplateError, match=re.escape(refusal)):
            count_messages(chat, model(template), tools=tools)
        return
    expected = size(text)
    count = count_messages(chat, model(template), tools=tools)
    assert count.tokens == expected
    assert sum(part.tokens for part in count.parts) == expected
    assert count.low == expected
    passed_over = [note for note in count.notes if "never" in note]
    assert count.exact == (not passed_over)
    assert any("chat template of own" in note for note in count.notes)


def test_every_template_takes_some_chat() -> None:
    for template in TEMPLATES.values():
        assert count_messages([user("Hello")], model(template)).exact


def test_parts_are_what_each_loop_writes() -> None:
    chat = [SYSTEM, user("Hello"), reply("the thing"), user("And?")]
    parts = count_messages(chat, model(MARKED)).parts
    frame = size("<|im_start|>\n<|im_end|>\n")
    for part, message in zip(parts, chat, strict=False):
        assert part.tokens == frame + size(message["role"]) + size(message["content"])
    assert [(part.kind, part.tokens) for part in parts[4:]] == [
        ("priming", size("<|im_start|>assistant\n"))
    ]
    with_tools = count_messages(chat, model(MARKED), tools=[TOOL, TOOL])
    tools = [part for part in with_tools.parts if part.kind in ("tools", "tool")]
    assert [part.where for part in tools] == ["tools", "tools[0] look_up", "tools[1] look_up"]
    assert tools[1].tokens == size("\n\n" + json.dumps(TOOL, ensure_ascii=False))


def test_messages_outside_of_loops_have_the_tokens_of_their_texts() -> None:
    chat = [SYSTEM, user("Hello")]
    parts = count_messages(chat, model(TEMPLATES["headed"])).parts
    assert parts[0].tokens == size("Be brief in the end.")


# ---- what requests hold beside ------------------------------------------------------------------


def test_arguments_are_objects_or_texts_as_the_template_takes_them() -> None:
    as_object = [user("q"), reply("", tool_calls=[call({"q": "x", "é": [1, 2]})]), result("r")]
    as_text = [user("q"), reply("", tool_calls=[call('{"q":"x","é":[1,2]}')]), result("r")]
    first = count_messages(as_object, model(MARKED))
    second = count_messages(as_text, model(MARKED))
    assert first.exact
    assert (second.tokens, second.exact) == (first.tokens, True)
    assert any("as objects" in note for note in second.notes)
    text_alone = MARKED.replace(
        "{{ call.function.arguments | tojson }}", "{{ '' + call.function.arguments }}"
    )
    third = count_messages(as_text, model(text_alone))
    assert third.exact
    assert third.tokens == size(written(as_text, text_alone))
    fourth = count_messages(as_object, model(text_alone))
    assert not fourth.exact
    assert any("expects arguments as a text" in note for note in fourth.notes)


def test_parts_of_text_are_one_text_for_a_template_that_takes_no_parts() -> None:
    parts = [{"type": "text", "text": "one"}, {"type": "text", "text": "two"}]
    joined = count_messages([user("one\ntwo")], model(MARKED))
    for template in (MARKED, TEMPLATES["turns"], TEMPLATES["brackets"]):
        count = count_messages([user(parts)], model(template))
        assert count.tokens == count_messages([user("one\ntwo")], model(template)).tokens
        assert not count.exact
        assert count.high is not None
        single = count_messages([user(parts[:1])], model(template))
        assert single.tokens == count_messages([user("one")], model(template)).tokens
        text, _ = written_or_refused([user(parts[:1])], template, None)
        assert text is not None  # with Python's brackets around the part
        assert single.low < size(text) <= (single.high or 0)
        assert not single.exact
    strict = MARKED.replace("{{ message.content }}\n    ", "{{ message.content + '' }}\n    ")
    single = count_messages([user(parts[:1])], model(strict))
    assert single.exact
    assert single.tokens == count_messages([user("one")], model(MARKED)).tokens
    template = MARKED.replace(
        "{{ message.content }}\n    ",
        "{% for part in message.content %}{{ part.text }}|{% endfor %}\n    ",
    )
    assert template != MARKED
    count = count_messages([user(parts)], model(template))
    assert count.exact
    assert count.tokens == size(written([user(parts)], template)) == joined.tokens + 1


def test_contents_of_gemini_and_arguments_that_are_no_object() -> None:
    theirs = {"role": "user", "parts": [{"text": "Hello"}]}
    count = count_messages([theirs], model(MARKED))
    assert count.tokens == count_messages([user("Hello")], model(MARKED)).tokens
    for arguments in ("{bad", "[1]"):
        chat = [user("q"), reply("", tool_calls=[call(arguments)]), result("r")]
        count = count_messages(chat, model(MARKED))
        assert count.tokens == size(written(chat, MARKED))
        assert not [note for note in count.notes if "as objects" in note]
    speech = {"role": "assistant", "content": "x", "audio": {"id": "a"}}
    assert count_messages([user("q"), speech], model(MARKED)).high is None


def test_images_have_no_bound() -> None:
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    count = count_messages([user([{"type": "text", "text": "See"}, image])], model(MARKED))
    assert (count.exact, count.high) == (False, None)
    assert count.low <= size("<|im_start|>assistant\n")
    assert any(note.startswith("messages[0].content[1]: ") for note in count.notes)


@pytest.mark.parametrize(
    ("more", "path", "high"),
    [
        ({"name": "Ann"}, "messages[0].name", True),
        ({"reasoning_content": "Hm."}, "messages[0].reasoning_content", True),
        ({"mood": "good"}, "messages[0].mood", False),
        ({"images": ["x"]}, "messages[0].images", False),
    ],
)
def test_keys_that_the_template_never_reads_are_named(
    more: dict[str, Any], path: str, high: bool
) -> None:
    plain = count_messages([user("Hello")], model(MARKED))
    count = count_messages([user("Hello", **more)], model(MARKED))
    assert count.tokens == plain.tokens == count.low
    assert not count.exact
    assert [note for note in count.notes if note.startswith(f"{path}: ")]
    assert (count.high is not None) == high
    if count.high is not None:
        assert count.high > count.tokens


def test_keys_that_the_template_knows_are_understood() -> None:
    template = MARKED.replace("{{ message.role }}", "{{ message.role }}{{ message.mood }}")
    count = count_messages([user("Hello", mood="good")], model(template))
    assert count.exact
    assert count.tokens == size(written([user("Hello", mood="good")], template))


def test_keys_inside_of_calls_and_tools_are_named() -> None:
    asked = call({"q": "x"}) | {"mood": "good"}
    count = count_messages([user("q"), reply("", tool_calls=[asked]), result("r")], model(MARKED))
    assert any(note.startswith("messages[1].tool_calls[0].mood: ") for note in count.notes)
    assert not count.exact
    names = "{% for tool in tools or [] %}{{ tool.function.name }}{% endfor %}" + MARKED.replace(
        "tools", "none"
    )
    count = count_messages([user("q")], model(names), tools=[TOOL])
    left = {note.partition(":")[0] for note in count.notes if "never reads" in note}
    assert left == {"tools[0].function.description", "tools[0].function.parameters"}
    ignored = count_messages([user("q")], model(MARKED.replace("tools", "none")), tools=[TOOL])
    assert not ignored.exact
    assert any(note.startswith("tools: ") for note in ignored.notes)


def test_messages_that_the_template_drops_are_named() -> None:
    template = "{% for m in messages if m.role != 'developer' %}{{ m.content }}{% endfor %}"
    chat = [{"role": "developer", "content": "Be brief."}, user("Hello")]
    count = count_messages(chat, model(template))
    assert (count.tokens, count.exact) == (size("Hello"), False)
    assert any(note.startswith("messages[0].content: ") for note in count.notes)


def test_options_that_no_template_writes_are_named() -> None:
    chat = [user("q")]
    schema = {"type": "json_schema", "json_schema": {"name": "n", "schema": {"type": "object"}}}
    for options in ({"tool_choice": "required"}, {"response_format": schema}):
        count = count_messages(chat, model(MARKED), tools=[TOOL], **options)
        assert not count.exact
        assert any(note.startswith(next(iter(options))) for note in count.notes)
    hosted = count_messages(chat, model(MARKED), tools=[{"type": "web_search"}])
    assert (hosted.exact, hosted.high) == (False, None)


def test_messages_of_other_shapes_are_read_first() -> None:
    theirs = [
        user("q?"),
        reply([{"type": "tool_use", "id": "a", "name": "look_up", "input": {"q": "x"}}]),
        user([{"type": "tool_result", "tool_use_id": "a", "content": "cold"}]),
    ]
    ours = [user("q?"), reply("", tool_calls=[call({"q": "x"})]), result("cold")]
    assert (
        count_messages(theirs, model(MARKED)).tokens >= count_messages(ours, model(MARKED)).tokens
    )
    mine = {"name": "look_up", "input_schema": {"type": "object"}}
    count = count_messages(ours, model(MARKED), tools=[mine])
    assert size(json.dumps({"name": "look_up"}, ensure_ascii=False)) < count.tokens


def test_variables_are_set_in_front() -> None:
    template = "{% if thinks is defined and thinks is false %}quiet{% else %}loud out{% endif %}"
    assert count_messages([user("Hi")], model(template)).tokens == size("loud out")
    quiet = "{% set thinks = false %}" + template
    assert count_messages([user("Hi")], model(quiet)).tokens == size("quiet")


def test_training_examples_have_no_beginning_of_a_reply() -> None:
    chat = [user("Hi"), reply("Hello!")]
    tokens = tokenkit.count_training_tokens([{"messages": chat}], model(MARKED))
    assert tokens == count_messages(chat, model(MARKED)).tokens - size("<|im_start|>assistant\n")


def test_a_template_without_an_encoding_is_named() -> None:
    record = Model(name="own", kind="chat", context_window=800, chat_template=MARKED)
    notes = tokenkit.fit([user("Hi")], record).notes
    assert any(note.startswith("chat_template: ") for note in notes)


def test_date_is_noted() -> None:
    count = count_messages([user("Hi")], model(TEMPLATES["headed"]))
    assert count.exact
    assert "the template writes today's date" in count.notes


# ---- where the template comes from --------------------------------------------------------------


def test_template_of_the_encodings_file() -> None:
    named = [
        {"name": "default", "template": "D{{ messages[0].content }}"},
        {"name": "tool_use", "template": "TOOLS{{ tools | tojson }}{{ messages[0].content }}"},
    ]
    for given, texts in ((MARKED, None), (named, ("Dx", "TOOLS"))):
        encoding = own_encoding("own-of-file", given)
        record = tokenkit.register_model("own-file", encoding=encoding, context_window=900)
        assert record.encoding == "own-of-file"
        count = count_messages([user("x")], "own-file")
        if texts is None:
            assert count.tokens == size(written([user("x")], MARKED))
            continue
        assert count.tokens == size(texts[0])
        with_tools = count_messages([user("x")], "own-file", tools=[TOOL])
        tools = json.dumps([TOOL], ensure_ascii=False)
        assert with_tools.tokens == size(f"{texts[1]}{tools}x")
    tokenkit.register_model("own-none", encoding=encoding, chat_template="")
    assert not count_messages([user("x")], "own-none").exact


def test_templates_that_are_none() -> None:
    broken: list[Any] = [
        [{"name": "default"}],
        {"default": 3},
        7,
        [],
        [{"name": "a", "template": "x"}],
    ]
    for given in broken:
        ENCODINGS[ENCODING.name] = own_encoding(ENCODING.name, given or 7)
        with pytest.raises(ChatTemplateError, match="own"):
            count_messages([user("x")], model(None))


@pytest.mark.parametrize(
    "template",
    [
        "{{ messages | tojson(indent=2) }}",
        "{{ messages | tojson(separators=(',', ':')) }}",
        "{{ messages | tojson(sort_keys=true, ensure_ascii=true) }}",
        "{% for m in messages %}{{ m.reasoning_content }}{{ m.thinking }}|{% endfor %}",
        "{{ messages }}{{ bos_token ~ messages[0] }}{{ messages | length }}",
        "{{ dict(a=messages[0].content).items() | list }}{{ messages[1:] | map('length') | list }}",
    ],
)
def test_texts_are_those_of_transformers(template: str) -> None:
    chat = [user("né <b>"), reply("x", thinking="Hm."), user('"')]
    given = GivenChat.of(given_messages(chat), (), Form())
    text = ChatTemplate("own", {"default": template}, NAMES).write(given.messages, None, 99).text
    assert text == written(chat, template)
