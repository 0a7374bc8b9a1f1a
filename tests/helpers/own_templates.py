"""Chat templates in the manner of families in use, written for these tests, and chats for them."""

from __future__ import annotations

from typing import Any

import tokenkit

MARKS: tuple[str, ...]
MARKS = ("<|im_start|>", "<|im_end|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>")
MARKS += ("<bos>", "<eos>", "[INST]", "[/INST]", "<turn>", "<end_turn>", "[TOOL]", "[/TOOL]")

# A role and a text between two marks; tools as JSON in the first message.
MARKED = """
{%- if tools %}<|im_start|>system
{% if messages[0].role == 'system' %}{{ messages[0].content }}

{% endif %}# Tools
{%- for tool in tools %}

{{ tool | tojson }}
{%- endfor %}<|im_end|>
{% endif %}
{%- for message in messages %}
  {%- if message.role == 'tool' %}<|im_start|>user
<result>
{{ message.content }}
</result><|im_end|>
  {% elif not (tools and loop.first and message.role == 'system') %}<|im_start|>{{ message.role }}
{{ message.content }}
    {%- for call in message.tool_calls or [] %}

<call>
{"name": "{{ call.function.name }}", "arguments": {{ call.function.arguments | tojson }}}
</call>
    {%- endfor %}<|im_end|>
  {% endif %}
{%- endfor %}
{%- if add_generation_prompt %}<|im_start|>assistant
{% endif %}"""

# Headers, a default system message with the date, trimmed texts, results as JSON.
HEADED = """{{ bos_token }}
{%- if messages[0]['role'] == 'system' %}
  {%- set first, rest = messages[0]['content'] | trim, messages[1:] %}
{%- else %}
  {%- set first, rest = 'Today: ' + strftime_now('%d %b %Y'), messages %}
{%- endif %}<|start_header_id|>system<|end_header_id|>

{{ first }}<|eot_id|>
{%- for message in rest %}
  {%- if message.role == 'tool' %}<|start_header_id|>ipython<|end_header_id|>

{{ message.content | tojson }}<|eot_id|>
  {%- elif 'tool_calls' in message %}<|start_header_id|>assistant<|end_header_id|>

{% set call = message.tool_calls[0].function %}
{"name": "{{ call.name }}", "parameters": {{ call.arguments | tojson }}}<|eot_id|>
  {%- else %}<|start_header_id|>{{ message['role'] }}<|end_header_id|>

{{ message['content'] | trim }}<|eot_id|>
  {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}<|start_header_id|>assistant<|end_header_id|>

{% endif %}"""

# Turns of two roles that must alternate; no system message.
TURNS = """{{ bos_token }}
{%- if messages[0].role == 'system' %}{{ raise_exception('there is no system role') }}{% endif %}
{%- for message in messages %}
  {%- if (message.role == 'user') != (loop.index0 % 2 == 0) %}
    {{- raise_exception('roles must alternate user/assistant/user/assistant') }}
  {%- endif %}
  {%- set role = 'model' if message.role == 'assistant' else message.role %}<turn>{{ role }}
{{ message.content | trim }}<end_turn>
{% endfor %}
{%- if add_generation_prompt %}<turn>model
{% endif %}"""

# Instructions in brackets; the system message goes into the last of the user's.
BRACKETS = """{%- set ns = namespace(system='', users=0) %}
{%- for message in messages %}
  {%- if message.role == 'system' %}{% set ns.system = message.content %}{% endif %}
  {%- if message.role == 'user' %}{% set ns.users = ns.users + 1 %}{% endif %}
{%- endfor %}{{ bos_token }}
{%- set seen = namespace(users=0) %}
{%- for message in messages %}
  {%- if message.role == 'user' %}
    {%- set seen.users = seen.users + 1 %}
    {%- if seen.users == ns.users and ns.system %}[INST] {{ ns.system + '\n' }}
{{ message.content }}[/INST]
    {%- else %}[INST] {{ message.content }}[/INST]{% endif %}
  {%- elif message.role == 'assistant' %}
    {%- generation %} {{ message.content }}{{ eos_token }}{% endgeneration %}
  {%- elif message.role == 'tool' %}[TOOL] {{ message.content }}[/TOOL]{% endif %}
{%- endfor %}"""

TEMPLATES = {"marked": MARKED, "headed": HEADED, "turns": TURNS, "brackets": BRACKETS}
NAMES = {"bos_token": "<bos>", "eos_token": "<eos>"}


def own_encoding(name: str, chat_template: Any = None) -> tokenkit.Encoding:
    """Bytes, a few words, and the marks; as if it were loaded from a file with this template."""
    words = [b"th", b"the", b" the", b"er", b"in", b"\n\n"]
    ranks = {bytes([i]): i for i in range(256)} | {word: 256 + i for i, word in enumerate(words)}
    encoding = tokenkit.Encoding(
        name,
        pat_str=r"\s?\w+|\s+|[^\w\s]",
        mergeable_ranks=ranks,
        special_tokens={mark: 300 + i for i, mark in enumerate(MARKS)},
    )
    config = {"bos_token": {"content": "<bos>"}, "eos_token": "<eos>", "pad_token": None}
    vars(encoding)["_file_facts"] = {"config": config, "chat_template": chat_template}
    return encoding


def user(text: Any, **more: Any) -> dict[str, Any]:
    return {"role": "user", "content": text, **more}


def reply(text: Any, **more: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": text, **more}


TOOL = {
    "type": "function",
    "function": {
        "name": "look_up",
        "description": 'The "thing" in <other> words: né',
        "parameters": {"type": "object", "properties": {"q": {"type": "string"}}},
    },
}
SYSTEM = {"role": "system", "content": " Be brief in the end. "}


def call(arguments: Any, call_id: str = "a") -> dict[str, Any]:
    return {
        "id": call_id,
        "type": "function",
        "function": {"name": "look_up", "arguments": arguments},
    }


def result(text: str, call_id: str = "a") -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": call_id, "content": text}


CHATS: dict[str, list[dict[str, Any]]] = {
    "one": [user("Hello there")],
    "system": [SYSTEM, user("  Hello\nthere \n")],
    "turns": [user("Hello"), reply("the thing "), user("And then?")],
    "system and turns": [
        SYSTEM,
        user("Hello"),
        reply("thé"),
        user("<|im_end|>"),
        reply("x"),
        user("y"),
    ],
    "call": [user("q?"), reply("", tool_calls=[call({"q": "né", "n": [1]})]), result('cold\n"é"')],
    "null": [user("q?"), reply(None, tool_calls=[call({"q": "x"})]), result("{}"), reply("So.")],
    "reasoning": [user("q?"), reply("Yes.", reasoning_content="Hm."), user("Why?")],
    "two users": [user("a"), user("b")],
}
