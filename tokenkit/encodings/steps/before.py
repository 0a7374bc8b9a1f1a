"""The steps that a text takes before the core reads it."""

from __future__ import annotations

from tokenkit.encodings.steps.normalizers import SPACE_SIGN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tokenkit.encodings.steps.added_tokens import AddedTokens, Section
    from tokenkit.encodings.steps.normalizers import Normalizer


class Steps:
    """The steps before the core reads a text.

    `lead` says where a space is put before a section: "" nowhere; "always" before each, which the
    normalizer does; "space" before each that has none; "first" before the first one if it has none.
    With `signs`, the core reads a space where the tokenizer has U+2581. `keeps` is the normalizer
    without what these two say.
    """

    def __init__(
        self, normalizer: Normalizer, keeps: Normalizer, added: AddedTokens, lead: str, signs: bool
    ) -> None:
        self.normalizer = normalizer
        self.keeps = keeps
        self.added = added
        self.lead = lead
        self.signs = signs

    def core_text(self, section: Section, first: bool) -> str:
        """Give what the core reads for a section of text."""
        text = section.text.replace(SPACE_SIGN, " ") if self.signs else section.text
        if self.lead == "space" or (self.lead == "first" and first):
            return text if text.startswith(" ") else " " + text
        return text

    def led(self, text: str) -> str:
        """Give what the core reads for a text that is one section and is kept."""
        if not self.lead or not text:
            return text
        return text if self.lead != "always" and text.startswith(" ") else " " + text

    def keeps_text(self, text: str) -> bool:
        """Return whether nothing but a leading space changes a text without added tokens."""
        return not (self.signs and SPACE_SIGN in text) and self.keeps.keeps(text)
