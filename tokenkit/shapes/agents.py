"""Sums of agents: the Agents SDK of OpenAI, CrewAI, and the logs of Claude Code and Codex.

Source: `agents.usage.Usage` of openai-agents and `UsageMetrics` of crewai (their documentation,
2026); lines of the transcripts that Claude Code writes, and the event token_count of Codex, as
their users show them.
"""

from __future__ import annotations

from tokenkit.shapes.meanings import HARMLESS, INNER, Meaning, Table, Word, counts, harmless

USAGE: dict[str, Meaning] = {
    **counts({"cached_prompt_tokens": "cached", "successful_requests": "requests"}),
    "request_usage_entries": HARMLESS,  # the same numbers, request by request
}
TRANSCRIPT: dict[str, Meaning] = {
    "message": INNER,
    "timestamp": Word("created"),
    **harmless(
        """type uuid parentUuid isSidechain userType cwd sessionId version gitBranch requestId
        isMeta isApiErrorMessage toolUseResult slug agentId entrypoint costUSD session_id
        logicalParentUuid leafUuid isCompactSummary isVisibleInTranscriptOnly isAbortedMidStream
        isReplay apiError apiErrorStatus error errorDetails effort perTurnEffort advisorModel
        attributionAgent attributionSkill attributionPlugin attributionMcpServer attributionMcpTool
        apiBlockIndex quotaLimits wireIngestContext wireToolInputs promptId permissionMode
        sourceToolAssistantUUID sourceToolUseID parent_tool_use_id forkedFrom teamName agentName
        thinkingMetadata todos durationMs level"""
    ),
}
# The sum of many requests to one model, as `usage_records` takes it out of a document.
REPORT: dict[str, Meaning] = {
    "model": Word("model"),
    "usage_report": INNER,
    "session_id": HARMLESS,
}
CODEX_LINE: dict[str, Meaning] = {
    "payload": INNER,
    "timestamp": Word("created"),
    "type": HARMLESS,
}
CODEX_COUNT: dict[str, Meaning] = {
    "info": Table(
        {
            "last_token_usage": INNER,
            # The sum since the session began.
            **harmless("total_token_usage model_context_window"),
        }
    ),
    **harmless("type rate_limits"),
}
