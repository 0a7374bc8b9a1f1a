"""Chat requests to token counts: messages, tools, images; estimates for private tokenizers."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tokenkit.chat.content import PartCounter as PartCounter
    from tokenkit.chat.counting import (
        Message as Message,
        MessageCount as MessageCount,
        check_messages as check_messages,
        count_messages as count_messages,
        count_training_tokens as count_training_tokens,
        request_rule as request_rule,
    )
    from tokenkit.chat.estimates import (
        Calibration as Calibration,
        TokenEstimate as TokenEstimate,
        calibrate as calibrate,
        estimate_tokens as estimate_tokens,
    )
    from tokenkit.chat.groups import Group as Group, group_messages as group_messages
    from tokenkit.chat.harmony_rule import HarmonyRule as HarmonyRule
    from tokenkit.chat.images import count_image as count_image, image_tokens as image_tokens
    from tokenkit.chat.memo import Memory as Memory
    from tokenkit.chat.openai_rule import (
        ChatRule as ChatRule,
        check_calls as check_calls,
        check_role as check_role,
    )
    from tokenkit.chat.rule import Rule as Rule
    from tokenkit.chat.tally import CountPart as CountPart, Tally as Tally
    from tokenkit.chat.token_count import TokenCount as TokenCount, add_counts as add_counts
else:
    from tokenkit._face import lazy_face

    __all__, __getattr__, __dir__ = lazy_face(
        __name__,
        {
            "counting": "MessageCount count_messages count_training_tokens",
            "estimates": "Calibration TokenEstimate calibrate estimate_tokens",
            "images": "image_tokens",
            "rule": "Rule",
            "tally": "CountPart",
            "token_count": "TokenCount",
        },
        internal={
            "content": "PartCounter",
            "counting": "Message check_messages request_rule",
            "groups": "Group group_messages",
            "harmony_rule": "HarmonyRule",
            "images": "count_image",
            "memo": "Memory",
            "openai_rule": "ChatRule check_calls check_role",
            "tally": "Tally",
            "token_count": "add_counts",
        },
    )
