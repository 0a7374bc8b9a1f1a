"""Lines of training files: examples to imitate, and pairs of replies to prefer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tokenkit._checks import shown
from tokenkit.chat import OPTIONS, Paths, RequestCount, begin_count, count_example
from tokenkit.models import Model
from tokenkit.shapes import RequestLine, fields_of, unknown_key

__all__ = ["count_preference", "count_training_line"]


def count_training_line(line: RequestLine, model: Model) -> RequestCount:
    """Count an example to imitate.

    Raises ValueError for one without a reply, or whose reply is to be graded.
    """
    messages = line.body["messages"]
    counted = count_example(line.body, model)
    roles = [_role(message) for message in messages]
    if line.unknown and roles[-1:] != ["assistant"]:
        raise ValueError(
            "expected a message of the assistant at the end, got an example for reinforcement "
            f"fine-tuning, with {', '.join(line.unknown)} for its grader; such training is billed "
            "by the hour, and is not counted here"
        )
    if "assistant" not in roles:
        raise ValueError("expected a message of the assistant, got none to learn from")
    paths = Paths(
        [f"messages[{i}]" for i in range(len(messages))], {name: name for name in OPTIONS}
    )
    count = begin_count(counted, paths)
    count.inputs = [count.tokens]
    for key in line.unknown:
        count.unbounded(unknown_key(key))
    return count


def count_preference(line: RequestLine, model: Model) -> RequestCount:
    """Count an example of two replies, one of them preferred (DPO).

    It counts as two examples. OpenAI publishes no rule: `low` is the smaller of them alone.
    """
    given = line.body.get("input")
    if not isinstance(given, Mapping) or not isinstance(given.get("messages"), list):
        raise ValueError(f"input: expected an object with a list of messages, got {shown(given)}")
    counts = []
    for name in ("preferred_output", "non_preferred_output"):
        reply = line.body.get(name)
        if not isinstance(reply, list) or not reply:
            raise ValueError(f"{name}: expected a list with a message, got {shown(reply)}")
        prompt = given["messages"]
        places = [f"input.messages[{i}]" for i in range(len(prompt))]
        places += [f"{name}[{i}]" for i in range(len(reply))]
        paths = Paths(places, {option: f"input.{option}" for option in OPTIONS})
        try:
            counted = count_example({**given, "messages": [*prompt, *reply]}, model)
        except (TypeError, ValueError) as error:
            raise ValueError(paths.of(str(error))) from None
        counts.append(begin_count(counted, paths))
    return _two_replies(counts, line, given)


def _two_replies(
    counts: Sequence[RequestCount], line: RequestLine, given: Mapping[str, Any]
) -> RequestCount:
    first, second = counts
    both = RequestCount(
        first.tokens + second.tokens,
        min(first.low, second.low),
        None if first.high is None or second.high is None else first.high + second.high,
        False,
        [*first.notes, *second.notes],
        ["preference examples count as two, by no published rule", *first.general, *second.general],
        inputs=[first.tokens, second.tokens],
    )
    known = {"messages", "tools", "functions", "parallel_tool_calls"}
    inside = [f"input.{key}" for key in given if key not in known]
    for key in (*line.unknown, *inside):
        both.unbounded(unknown_key(key))
    return both


def _role(message: Any) -> Any:
    role = dict(fields_of(message) or ()).get("role")
    return getattr(role, "value", role)
