"""Usage objects, messages, tools and models as other systems call them, read into ours."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tokenkit.shapes.agent_logs import AgentLogs as AgentLogs
    from tokenkit.shapes.apis import (
        APIS as APIS,
        CLIENT_KEYS as CLIENT_KEYS,
        Api as Api,
        api_named as api_named,
        api_of as api_of,
    )
    from tokenkit.shapes.canonical import (
        QUANTITIES as QUANTITIES,
        Image as Image,
        Items as Items,
        Number as Number,
        Usage as Usage,
    )
    from tokenkit.shapes.log_records import LogRecord as LogRecord, session_of as session_of
    from tokenkit.shapes.meanings import fields_of as fields_of
    from tokenkit.shapes.messages import read_message as read_message
    from tokenkit.shapes.names import NameReading as NameReading, readings as readings
    from tokenkit.shapes.notebook import Unread as Unread
    from tokenkit.shapes.openai_messages import is_plain_message as is_plain_message
    from tokenkit.shapes.reading import Reading as Reading, read_usage as read_usage
    from tokenkit.shapes.records import usage_records as usage_records
    from tokenkit.shapes.replies import reply_of as reply_of
    from tokenkit.shapes.request_lines import (
        CHAT_API as CHAT_API,
        EMBEDDINGS_API as EMBEDDINGS_API,
        RESPONSES_API as RESPONSES_API,
        RequestLine as RequestLine,
        read_line as read_line,
        read_request as read_request,
    )
    from tokenkit.shapes.requests import RequestBook as RequestBook, unknown_key as unknown_key
    from tokenkit.shapes.run_request import RUN_SHUTDOWN as RUN_SHUTDOWN
    from tokenkit.shapes.sdk_objects import given as given, plain as plain
    from tokenkit.shapes.tool_files import tool_lists as tool_lists
    from tokenkit.shapes.tools import ReadTools as ReadTools, Tool as Tool, read_tools as read_tools
    from tokenkit.shapes.unsure import (
        ReadMessage as ReadMessage,
        Unsure as Unsure,
        json_text as json_text,
    )
else:
    from tokenkit._face import lazy_face

    __all__, __getattr__, __dir__ = lazy_face(
        __name__,
        {
            "canonical": "Usage",
            "records": "usage_records",
        },
        internal={
            "agent_logs": "AgentLogs",
            "apis": "APIS Api CLIENT_KEYS api_named api_of",
            "canonical": "Image Items Number QUANTITIES",
            "log_records": "LogRecord session_of",
            "meanings": "fields_of",
            "names": "NameReading readings",
            "messages": "read_message",
            "notebook": "Unread",
            "openai_messages": "is_plain_message",
            "reading": "Reading read_usage",
            "replies": "reply_of",
            "run_request": "RUN_SHUTDOWN",
            "sdk_objects": "given plain",
            "tool_files": "tool_lists",
            "tools": "ReadTools Tool read_tools",
            "unsure": "ReadMessage Unsure json_text",
            "request_lines": (
                "CHAT_API EMBEDDINGS_API RESPONSES_API RequestLine read_line read_request"
            ),
            "requests": "RequestBook unknown_key",
        },
    )
