"""Names of the contract: from path, method and model alone."""

from __future__ import annotations

import pytest

from tools.merge._names import operation_id, pascal, request_name, tag_of


@pytest.mark.parametrize(
    ("method", "path", "identity", "tag"),
    [
        ("post", "/v1/videos/generations", "createVideo", "videos"),
        ("get", "/v1/tasks/{task_id}", "getTask", "tasks"),
        ("get", "/v1/credits", "getCredits", "credits"),
        ("post", "/v1/chat/completions", "createChatCompletion", "chat"),
        ("post", "/v1/messages", "createMessage", "messages"),
        ("post", "/api/v1/files/upload/base64", "createFilesUploadBase64", "files"),
        ("delete", "/v1/tasks/{task_id}", "deleteTask", "tasks"),
    ],
)
def test_operation(method: str, path: str, identity: str, tag: str) -> None:
    """An operation is called after what it does."""
    assert (operation_id(method, path), tag_of(path)) == (identity, tag)


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("gemini-omni-flash-text-to-video", "GeminiOmniFlashTextToVideoRequest"),
        ("Omni-Flash-Ext", "OmniFlashExtRequest"),
        ("happyhorse-1.0-text-to-video", "Happyhorse10TextToVideoRequest"),
        ("3d-maker", "Model3dMakerRequest"),
    ],
)
def test_request(model: str, name: str) -> None:
    """A request is called after its model, and is always an identifier."""
    assert request_name(model) == name
    assert name.isidentifier()


def test_pascal_keeps_inner_capitals() -> None:
    """MiniMax stays MiniMax."""
    assert pascal("MiniMax-Hailuo-02") == "MiniMaxHailuo02"
