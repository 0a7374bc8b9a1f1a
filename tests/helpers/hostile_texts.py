"""Nine hundred texts that are hard for tokenizers, the same in each run."""

from __future__ import annotations

import random
import re

# Of each line, the parts between spaces.
_WORDS = """
's 'T 'LL 'ſ 'S 's's ''s ’s 'd've I'm DON'T
a A ab the Hello hello world TheEnd camelCase HTMLParser ABCdef naïve ÀÉ ß ẞ ſ ŉ Ǆ ǅ ª ʰ
1 12 123 1234 12345678 3.14 1,000 ٣٤ ½ ² Ⅷ ① 〇 𝟘𝟙 ৪
. , ! ? ... -- <> </s> <s> <unk> <|im_start|> <|endoftext|> <tool_call> [CLS] {} / // \\ @# $€
漢字 日本語 テキスト ひらがな 한국어 中文，。 ｆｕｌｌ 一二三 々 〻 ー
مرحبا שלום हिन्दी ไทย ქართული Ελλάδα ΣΑΣ Привет ٱلْعَرَبِيَّة
🙂 👩\u200d👩\u200d👧 🏳️\u200d🌈 🇩🇪🇫🇷 👍🏽 ❤️ ☃ ⌘ 𝒜 🫠
\u0301 e\u0301 \u1e69 s\u0323\u0307 s\u0307\u0323 \u212b \u0344 \ufb01 \u1100\u1161\u11a8 각
\u0958 \u2126 \u0345 \u20e3 1\u20e3 \u0897 \u1abf \u0f71\u0f72 \U0001d15e \U000e0041
\u200d \u200b \u200c \ufeff \u00ad \u2060 \u180e \u061c \u202e \ufffd \uffff \U0010ffff
▁ ▁▁ ▁▁▁▁ ▁a a▁b Ġ Ċ Ġa </w> ## ##a <0x0A> <0xe2> \x00 \x01 \x7f \ud83d \ude00 \ud83d\ude00
"""
_SPACES = (
    " |  |   |\t|\n|\r|\r\n|\n\n|\n\n\n| \n|\n |\u00a0|\u2003|\u3000|\x85|\u2028|\x0b|\x0c|\x1c"
)
ATOMS = [*filter(None, re.split("[ \n]", _WORDS)), *_SPACES.split("|"), " ▁ "]
RUNS = [*"a1'-=A \n\t▁é漢🙂\u0301\x00", "ab", "a\u0301"]


def hostile_texts() -> list[str]:
    """All of them: atoms, runs of every length up to a long one, and random mixtures."""
    rng = random.Random(18)
    texts = ["", *ATOMS]
    texts += [unit * size for unit in RUNS for size in (2, 3, 7, 16, 33, 70, 129, 400)]
    texts += [f"x{unit * 40}y" for unit in RUNS]
    while len(texts) < 900:
        parts = rng.choices(ATOMS, k=rng.randint(2, 12))
        texts.append(rng.choice(("", "", " ", "\n", "'")).join(parts))
    return texts
