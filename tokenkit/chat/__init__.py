"""Chat requests to token counts: messages, tools, images; estimates for private tokenizers."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tokenkit.chat.checks import (
        Message as Message,
        check_calls as check_calls,
        check_messages as check_messages,
        check_role as check_role,
    )
    from tokenkit.chat.content import ContentCounter as ContentCounter
    from tokenkit.chat.counting import (
        MessageCount as MessageCount,
        count_messages as count_messages,
    )
    from tokenkit.chat.estimates import (
        Calibration as Calibration,
        TokenEstimate as TokenEstimate,
        calibrate as calibrate,
        estimate_tokens as estimate_tokens,
    )
    from tokenkit.chat.groups import (
        SYSTEM_ROLES as SYSTEM_ROLES,
        Group as Group,
        check_chat as check_chat,
        check_groups as check_groups,
        group_messages as group_messages,
        in_turns as in_turns,
    )
    from tokenkit.chat.images import count_image as count_image, image_tokens as image_tokens
    from tokenkit.chat.memo import Memo as Memo, joined as joined
    from tokenkit.chat.reading import (
        as_messages as as_messages,
        as_read as as_read,
        called_ids as called_ids,
        result_id as result_id,
    )
    from tokenkit.chat.request import request_rule as request_rule
    from tokenkit.chat.request_chats import CHATS as CHATS
    from tokenkit.chat.request_count import (
        OPTIONS as OPTIONS,
        Paths as Paths,
        RequestCount as RequestCount,
        begin_count as begin_count,
    )
    from tokenkit.chat.request_threads import (
        last_messages as last_messages,
        run_messages as run_messages,
    )
    from tokenkit.chat.rule import Rule as Rule
    from tokenkit.chat.tally import (
        ChatTally as ChatTally,
        CountPart as CountPart,
        LaterParts as LaterParts,
    )
    from tokenkit.chat.token_count import (
        TokenCount as TokenCount,
        add_counts as add_counts,
        frozen_of as frozen_of,
    )
    from tokenkit.chat.training import (
        count_example as count_example,
        count_training_tokens as count_training_tokens,
    )
    from tokenkit.chat.whole_request import (
        check_input as check_input,
        count_body as count_body,
        count_request as count_request,
    )
else:
    from tokenkit._face import lazy_face

    __all__, __getattr__, __dir__ = lazy_face(
        __name__,
        {
            "counting": "MessageCount count_messages",
            "estimates": "Calibration TokenEstimate calibrate estimate_tokens",
            "images": "image_tokens",
            "reading": "as_messages",
            "rule": "Rule",
            "tally": "CountPart",
            "token_count": "TokenCount",
            "training": "count_training_tokens",
        },
        internal={
            "checks": "Message check_calls check_messages check_role",
            "content": "ContentCounter",
            "groups": "SYSTEM_ROLES Group check_chat check_groups group_messages in_turns",
            "images": "count_image",
            "memo": "Memo joined",
            "reading": "as_read called_ids result_id",
            "request": "request_rule",
            "request_chats": "CHATS",
            "request_count": "OPTIONS Paths RequestCount begin_count",
            "request_threads": "last_messages run_messages",
            "tally": "ChatTally LaterParts",
            "token_count": "add_counts frozen_of",
            "training": "count_example",
            "whole_request": "check_input count_body count_request",
        },
    )
