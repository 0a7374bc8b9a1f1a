"""How llama.cpp splits texts, by the value of `tokenizer.ggml.pre`.

From its `src/llama-vocab.cpp` (commit 00ad355e009e83abf98f96a6ded7193b95763681): the names that
`llama_vocab::impl::load` knows, with the patterns of `llm_tokenizer_bpe`, and what else the name
decides: whether a whole piece that is a token is taken as it is (`ignore_merges`), and whether BOS
comes before a text where the file does not say it (`add_bos`).

Where a comment there gives the original pattern of the model's tokenizer.json, that one is taken:
llama.cpp's own differs at the letter U+017F behind an apostrophe, and at letters with case beyond
ASCII. Names whose splits llama.cpp makes in code of its own, and that no pattern here says, are not
in the table.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from tokenkit.encodings.formats.byte_level import split
from tokenkit.encodings.formats.known_patterns import (
    CONTRACTIONS,
    END,
    KIMI,
    LLAMA3,
    O200K,
    QWEN2,
    QWEN35,
    TEKKEN,
)


class Pre(NamedTuple):
    """The splits of a name, and what else it decides."""

    splits: tuple[dict[str, Any], ...]
    ignore_merges: bool = False
    add_bos: bool = False


# The pattern of GPT-2, which `tokenizers` has built in: where more splits follow, as a pattern.
_GPT2_SPLIT = split(r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+")
_GPT2 = {
    "type": "ByteLevel",
    "add_prefix_space": False,
    "trim_offsets": False,
    "use_regex": True,
}
_DIGITS = {"type": "Digits", "individual_digits": True}
_PUNCTUATION_OF_FALCON = r"[\p{P}\$\+<=>\^~\|`]+"
_THREE_DIGITS = "[0-9][0-9][0-9]"
_HAN_AND_KANA = "[\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+"
_DEEPSEEK3 = (
    r"""[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+"""
    "|[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\r\n]*"
    "|\\s*[\r\n]+|\\s+(?!\\S)|\\s+"
)
_CJK_AND_HANGUL = "[\u4e00-\u9fa5\u0800-\u4e00\uac00-\ud7ff]+"
_DEEPSEEK_LETTERS = (
    "A-Za-z\u00b5\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u01ba\u01bc-\u01bf\u01c4-\u0293"
    "\u0295-\u02af\u0370-\u0373\u0376\u0377\u037b-\u037d\u037f\u0386\u0388-\u038a\u038c"
    "\u038e-\u03a1\u03a3-\u03f5\u03f7-\u0481\u048a-\u052f\u0531-\u0556\u10a0-\u10c5"
    "\u13a0-\u13f5\u13f8-\u13fd\u1c90-\u1cba\u1cbd-\u1cbf\u1d00-\u1d2b\u1d6b-\u1d77"
    "\u1d79-\u1d9a\u1e00-\u1f15\u1f18-\u1f1d\u1f20-\u1f45\u1f48-\u1f4d\u1f50-\u1f57\u1f59"
    "\u1f5b\u1f5d\u1f5f-\u1f7d\u1f80-\u1fb4\u1fb6-\u1fbc\u1fbe\u1fc2-\u1fc4\u1fc6-\u1fcc"
    "\u1fd0-\u1fd3\u1fd6-\u1fdb\u1fe0-\u1fec\u1ff2-\u1ff4\u1ff6-\u1ffc\u2102\u2107"
    "\u210a-\u2113\u2115\u2119-\u211d\u2124\u2126\u2128\u212a-\u212d\u212f-\u2134\u2139"
    "\u213c-\u213f\u2145-\u2149\u214e\u2183\u2184\u2c00-\u2c7b\u2c7e-\u2ce4\u2ceb-\u2cee"
    "\u2cf2\u2cf3\ua640-\ua66d\ua680-\ua69b\ua722-\ua76f\ua771-\ua787\ua78b-\ua78e"
    "\uab70-\uabbf\ufb00-\ufb06\ufb13-\ufb17\uff21-\uff3a\uff41-\uff5a\U00010400-\U0001044f"
    "\U000104b0-\U000104d3\U000104d8-\U000104fb\U00010c80-\U00010cb2\U00010cc0-\U00010cf2"
    "\U000118a0-\U000118df\U0001e900-\U0001e943"
)
_BAILING = (
    r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]"
    r"|\s+(?!\S)|\s+"
)
_SEED = (
    CONTRACTIONS
    + "|[^\r\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1}| ?[^\\s\\p{L}\\p{N}\r\n]+|\\s*[\r\n]+"
    + "|\\s+(?!\\S)|\\s+"
)
_MINICPM = CONTRACTIONS + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}+| ?[^\s\p{L}\p{N}]+[\r\n]*|" + END
_BLOOM = " ?[^(\\s|.,!?…。，、।۔،)]+"


def _splits(*patterns: str) -> tuple[dict[str, Any], ...]:
    return tuple(split(pattern) for pattern in patterns)


_LLAMA3 = Pre(_splits(LLAMA3), ignore_merges=True, add_bos=True)
_ONE_GPT2 = Pre((_GPT2,))
_DIGITS_GPT2 = Pre((_DIGITS, _GPT2))
_QWEN2 = Pre(_splits(QWEN2))
_DEEPSEEK = Pre(_splits(r"\p{N}{1,3}", _HAN_AND_KANA, _DEEPSEEK3))
# What it does where a file has no name, or "default".
DEFAULT = Pre((*_splits(r"[\p{P}\$\+<=>\^~\|]+"), _GPT2_SPLIT, *_splits(r"\p{N}+", _THREE_DIGITS)))
_BY_NAMES: Mapping[str, Pre] = {
    "default": DEFAULT,
    "llama3 llama-v3 llama-bpe falcon3 falcon-h1 pixtral midm-2.0 lfm2 jina-v5-nano": _LLAMA3,
    "dbrx smaug-bpe chatglm-bpe": Pre(_splits(LLAMA3)),
    "glm4 glm5": Pre(_splits(LLAMA3), ignore_merges=True),
    "qwen2 deepseek-r1-qwen kormo f2llmv2 stablelm2 megrez hunyuan solar-open grok-2": _QWEN2,
    "qwen35": Pre(_splits(QWEN35)),
    "deepseek-v3 hunyuan-dense hy_v4 joyai-llm": _DEEPSEEK,
    "deepseek-llm": Pre(
        _splits(
            "[\r\n]",
            rf"\s?[{_DEEPSEEK_LETTERS}]+",
            "\\s?[!-/:-~\uff01-\uff0f\uff1a-\uff5e\u2018-\u201f\u3000-\u3002]+",
            r"\s+$",
            _CJK_AND_HANGUL,
            r"\p{N}+",
        )
    ),
    "deepseek-coder": Pre(_splits("[\r\n]", r"\s?\p{L}+", r"\s?\p{P}+", _CJK_AND_HANGUL, r"\p{N}")),
    "tekken": Pre(_splits(TEKKEN), ignore_merges=True, add_bos=True),
    "gpt-4o llama4 kanana2 talkie minimax-m2": Pre(_splits(O200K)),
    "kimi-k2": Pre(_splits(KIMI)),
    "falcon": Pre((*_splits(_PUNCTUATION_OF_FALCON), _GPT2_SPLIT, *_splits(_THREE_DIGITS))),
    (
        "gpt-2 phi-2 jina-es jina-de gigachat jina-v2-es jina-v2-de a.x-4.0 mellum modern-bert mpt "
        "olmo jais trillion granite-docling exaone4 jina-v1-en jina-v2-code roberta-bpe"
    ): _ONE_GPT2,
    "starcoder refact command-r smollm codeshell exaone minerva-7b mellum2": _DIGITS_GPT2,
    "bloom gpt3-finnish poro-chat": Pre(_splits(_BLOOM)),
    "viking": Pre(_splits(_BLOOM, r"\p{N}")),
    "bailingmoe bailingmoe2 llada-moe": Pre(_splits(_BAILING)),
    "seed-coder": Pre(_splits(_SEED)),
    "minicpm5": Pre(_splits(r"\p{N}{1,3}", _MINICPM), ignore_merges=True),
}
PRE: Mapping[str, Pre] = {name: pre for names, pre in _BY_NAMES.items() for name in names.split()}
# Those whose tokenizer.json brings texts to NFC first, which llama.cpp does not.
WITHOUT_NFC = frozenset({"qwen2", "qwen35"})
