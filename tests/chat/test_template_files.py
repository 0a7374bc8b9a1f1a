"""Chats of tokenizers that are loaded from files: the ids that transformers gives for them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from own_templates import CHATS, HEADED, MARKED, MARKS, NAMES, SYSTEM, TOOL, TURNS, reply, user
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

import tokenkit
from tokenkit import count_messages, fit, load_encoding, register_model

pytestmark = pytest.mark.open

CORPUS = [
    "the thing in the beginning, and then the other things",
    "né cold {} look_up 01 word ",
] * 9


def byte_level() -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=330,
        special_tokens=list(MARKS),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(CORPUS * 9, trainer)
    return tokenizer


def with_spaces() -> Tokenizer:
    """Characters with byte fallback, spaces as U+2581 and one before the text, as of Llama 2."""
    tokenizer = Tokenizer(models.BPE(byte_fallback=True, unk_token="<unk>", fuse_unk=True))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")]
    )
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()]
    )
    fallback = [f"<0x{byte:02X}>" for byte in range(256)]
    trainer = trainers.BpeTrainer(
        vocab_size=420, special_tokens=["<unk>", *MARKS, *fallback], show_progress=False
    )
    tokenizer.train_from_iterator([f"▁{line.replace(' ', '▁')}" for line in CORPUS * 9], trainer)
    made = json.loads(tokenizer.to_str())
    made["added_tokens"] = [t for t in made["added_tokens"] if t["content"] not in fallback]
    return Tokenizer.from_str(json.dumps(made))


KINDS = {"byte level": byte_level, "spaces": with_spaces}
PLACES = ("tokenizer_config.json", "chat_template.jinja", "named", "additional_chat_templates")


@pytest.fixture(scope="module", params=KINDS)
def tokenizer(request: pytest.FixtureRequest) -> Tokenizer:
    return KINDS[request.param]()


def saved(tokenizer: Tokenizer, template: str, folder: Path, place: str) -> Any:
    """Write the folder of a model, and give what transformers reads there."""
    tokenizer.save(str(folder / "tokenizer.json"))
    config: dict[str, Any] = {**NAMES, "tokenizer_class": "PreTrainedTokenizerFast"}
    if place == "chat_template.jinja":
        (folder / place).write_text(template, "utf-8")
    elif place == "additional_chat_templates":
        (folder / place).mkdir()
        (folder / "chat_template.jinja").write_text(template, "utf-8")
        for name, change in (("tool_use", "upper"), ("rag", "title")):
            text = template.replace("{{ message.role }}", f"{{{{ message.role | {change} }}}}")
            (folder / place / f"{name}.jinja").write_text(text, "utf-8")
    elif place == "named":
        tools = template.replace("{{ message.role }}", "{{ message.role | upper }}")
        named = (("default", template), ("tool_use", tools))
        config["chat_template"] = [{"name": name, "template": text} for name, text in named]
    else:
        config["chat_template"] = template
    (folder / "tokenizer_config.json").write_text(json.dumps(config), "utf-8")
    return PreTrainedTokenizerFast.from_pretrained(str(folder))


@pytest.mark.parametrize("place", PLACES)
def test_counts_are_those_of_transformers(tokenizer: Tokenizer, place: str, tmp_path: Path) -> None:
    theirs = saved(tokenizer, MARKED, tmp_path, place)
    encoding = load_encoding(tmp_path, name="own-folder")
    model = register_model("own-folder", encoding=encoding, context_window=2_000)
    for chat in CHATS.values():
        for tools in (None, [TOOL]):
            ids = theirs.apply_chat_template(chat, tools=tools, add_generation_prompt=True)
            count = count_messages(chat, model, tools=tools)
            assert count.tokens == len(ids["input_ids"])
            assert any(str(tmp_path) in note for note in count.notes)


def test_a_template_chosen_by_name_is_that_of_transformers(
    tokenizer: Tokenizer, tmp_path: Path
) -> None:
    theirs = saved(tokenizer, MARKED, tmp_path, "additional_chat_templates")
    encoding = load_encoding(tmp_path, name="own-chosen")
    seen = set()
    for name in ("default", "rag", "tool_use"):
        model = register_model("own-chosen", encoding=encoding, chat_template=name)
        for chat in CHATS.values():
            ids = theirs.apply_chat_template(chat, chat_template=name, add_generation_prompt=True)
            assert count_messages(chat, model).tokens == len(ids["input_ids"])
            seen.add((name, len(ids["input_ids"])))
    assert len({tokens for _, tokens in seen}) > len(CHATS)  # they are not all alike


@pytest.mark.parametrize("template", [MARKED, HEADED, TURNS], ids=["marked", "headed", "turns"])
def test_fits_are_within_the_limit_by_transformers_count(
    tokenizer: Tokenizer, template: str, tmp_path: Path
) -> None:
    theirs = saved(tokenizer, template, tmp_path, "tokenizer_config.json")
    encoding = load_encoding(tmp_path, name="own-fits")
    model = register_model("own-fits", encoding=encoding, context_window=300)
    chat = [] if template is TURNS else [SYSTEM]
    for number in range(9):
        chat += [user(f"{number} the thing " * 5), reply("then the other things " * 4)]
    chat.append(user("And then?"))
    fitted = fit(chat, model, max_output=50)
    ids = theirs.apply_chat_template(fitted.messages, add_generation_prompt=True)
    assert len(ids["input_ids"]) == fitted.tokens <= fitted.limit == 250
    assert fitted.dropped
    assert fitted.exact


def test_a_file_without_a_template_has_bounds(tokenizer: Tokenizer, tmp_path: Path) -> None:
    theirs = saved(tokenizer, "", tmp_path, "tokenizer_config.json")
    encoding = load_encoding(tmp_path, name="own-bounds")
    tokenkit.register_model("own-bounds", encoding=encoding)
    for chat in CHATS.values():
        count = count_messages(chat, "own-bounds")
        assert not count.exact
        for template in (MARKED, HEADED):
            theirs.chat_template = template
            try:
                ids = theirs.apply_chat_template(chat, add_generation_prompt=True)
            except TypeError:
                continue
            assert count.low <= len(ids["input_ids"]) <= (count.high or 10**9)
