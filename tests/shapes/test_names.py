"""How others write a model's name: each rule takes off one thing and says what it was."""

import pytest
from hypothesis import example, given, strategies as st

from tokenkit.shapes.names import readings


@pytest.mark.parametrize(
    ("name", "rest", "host", "vendor"),
    [
        ("openai/gpt-x", "gpt-x", None, "openai"),
        ("openai:gpt-x", "gpt-x", None, "openai"),
        ("x-ai/grok-x", "grok-x", None, "xai"),
        ("azure/gpt-x", "gpt-x", "azure", None),
        ("azure/global-standard/gpt-x", "gpt-x", "azure", None),
        ("openrouter/openai/gpt-x", "gpt-x", "openrouter", "openai"),
        ("openai/gpt-x:online", "gpt-x", "openrouter", "openai"),
        ("groq/openai/gpt-x", "gpt-x", "groq", "openai"),
        ("models/gemini-x", "gemini-x", None, "google"),
        ("publishers/google/models/gemini-x", "gemini-x", "vertex_ai", "google"),
        ("projects/p/locations/l/publishers/anthropic/models/c", "c", "vertex_ai", "anthropic"),
        ("accounts/fireworks/models/llama-x", "llama-x", "fireworks_ai", None),
        ("claude-x@20250929", "claude-x-20250929", "vertex_ai", None),
        ("vertex_ai/claude-x@default", "claude-x", "vertex_ai", None),
        ("us.anthropic.claude-x-20250929-v1:0", "claude-x-20250929", "bedrock", "anthropic"),
        ("anthropic.claude-x-v2:0:200k", "claude-x", "bedrock", "anthropic"),
        ("openai.gpt-x-1:0", "gpt-x", "bedrock", "openai"),
        ("bedrock/eu-west-1/anthropic.claude-x-v1:0", "claude-x", "bedrock", "anthropic"),
        ("arn:aws:bedrock:us-east-1:1:inference-profile/us.meta.l-v1:0", "l", "bedrock", "meta"),
        ("gpt-x.ft-abc-def", "ft:gpt-x:abc-def", "azure", None),
        ("  gpt-x\n", "gpt-x", None, None),
        ("Claude-X-4.5", "claude-x-4-5", None, None),
        ("claude-4-5-sonnet", "claude-sonnet-4-5", None, None),
        ("Model-Latest", "model", None, None),
    ],
)
def test_rules(name: str, rest: str, host: str | None, vendor: str | None) -> None:
    found = [reading for reading in readings(name) if reading.name == rest]
    assert [(reading.host, reading.vendor) for reading in found] == [(host, vendor)]
    assert found[0].rule


def test_a_plain_name_has_no_other_reading() -> None:
    assert not list(readings("gpt-4o"))
    assert not list(readings("my-org/own-model"))


@given(
    st.one_of(
        st.text(max_size=30),
        st.lists(
            st.sampled_from(
                [
                    "azure",
                    "/",
                    ":",
                    "us.",
                    "anthropic.",
                    "claude",
                    "-v1:0",
                    "@",
                    "models/",
                    "ft-",
                    " ",
                ]
            ),
            max_size=12,
        ).map("".join),
    )
)
@example("azure/" * 50 + "x")
def test_any_text_has_finitely_many_readings_and_none_twice(name: str) -> None:
    names = [reading.name for reading in readings(name)]
    assert len(names) == len(set(names)) <= len(name) + 10
    assert name not in names
