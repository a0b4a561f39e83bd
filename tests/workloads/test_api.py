"""The routes: answers in OpenAI's shapes, whole and streamed."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.workloads.api_client import events

pytestmark = pytest.mark.workloads


def test_models(client):
    async def go() -> None:
        async with client() as server:
            answer = (await server.get("/v1/models")).json()
            (model,) = answer["data"]
            assert answer["object"] == "list"
            assert (model["id"], model["object"], model["max_model_len"]) == ("small", "model", 128)
            assert (await server.get("/v1/models/small")).json() == model
            assert (await server.get("/v1/models/large")).status_code == 404

    asyncio.run(go())


def test_a_completion_in_one_piece(client, model_folder: Path):
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(model_folder)
    model: Any = AutoModelForCausalLM.from_pretrained(model_folder).eval()
    ids = tokenizer("The assert statement", return_tensors="pt")
    answer_tokens = model.generate(**ids, max_new_tokens=12, do_sample=False)[0, ids["input_ids"].shape[1] :]

    async def go() -> None:
        async with client() as server:
            answer = (await server.complete(prompt="The assert statement", max_tokens=12, temperature=0)).json()
            assert answer["object"] == "text_completion"
            assert answer["id"].startswith("cmpl-")
            assert answer["model"] == "small"
            assert answer["choices"] == [
                {"index": 0, "logprobs": None, "finish_reason": "length", "text": tokenizer.decode(answer_tokens)}
            ]
            prompt = ids["input_ids"].shape[1]
            assert answer["usage"] == {
                "prompt_tokens": prompt,
                "completion_tokens": 12,
                "total_tokens": prompt + 12,
            }
            # Token ids are a prompt too, and an unset limit is 16.
            by_ids = (await server.complete(prompt=ids["input_ids"][0].tolist(), max_tokens=None, temperature=0)).json()
            assert by_ids["usage"]["completion_tokens"] == 16
            assert by_ids["choices"][0]["text"].startswith(answer["choices"][0]["text"])

    asyncio.run(go())


def test_several_prompts_give_several_choices_in_order(client):
    async def go() -> None:
        async with client() as server:
            both = (await server.complete(prompt=["The", "In"], temperature=0)).json()
            alone = [(await server.complete(prompt=prompt, temperature=0)).json() for prompt in ("The", "In")]
            assert [choice["index"] for choice in both["choices"]] == [0, 1]
            assert [choice["text"] for choice in both["choices"]] == [answer["choices"][0]["text"] for answer in alone]
            assert both["usage"]["completion_tokens"] == 16

    asyncio.run(go())


@pytest.mark.parametrize("wants_usage", [False, True])
def test_a_streamed_completion_is_the_same_text(client, wants_usage):
    async def go() -> None:
        async with client() as server:
            whole = (await server.complete(temperature=0.7, seed=5)).json()
            options = {"stream_options": {"include_usage": True}} if wants_usage else {}
            *chunks, done = events(await server.complete(temperature=0.7, seed=5, stream=True, **options))
            assert done == "[DONE]"
            assert len({chunk["id"] for chunk in chunks}) == 1
            assert all(chunk["object"] == "text_completion" for chunk in chunks)
            if wants_usage:
                last = chunks.pop()
                assert (last["choices"], last["usage"]) == ([], whole["usage"])
                assert all(chunk["usage"] is None for chunk in chunks)
            else:
                assert all("usage" not in chunk for chunk in chunks)
            reasons = [chunk["choices"][0]["finish_reason"] for chunk in chunks]
            assert reasons == [None] * (len(chunks) - 1) + ["length"]
            text = "".join(chunk["choices"][0]["text"] for chunk in chunks)
            assert text == whole["choices"][0]["text"]

    asyncio.run(go())


def test_a_chat_whole_and_streamed(client):
    async def go() -> None:
        async with client() as server:
            whole = (await server.chat(max_tokens=10, seed=1)).json()
            assert whole["object"] == "chat.completion"
            assert whole["id"].startswith("chatcmpl-")
            (choice,) = whole["choices"]
            assert choice["message"]["role"] == "assistant"
            assert choice["finish_reason"] in {"length", "stop"}
            *chunks, done = events(await server.chat(max_completion_tokens=10, seed=1, stream=True))
            assert done == "[DONE]"
            assert all(chunk["object"] == "chat.completion.chunk" for chunk in chunks)
            deltas = [chunk["choices"][0]["delta"] for chunk in chunks]
            assert deltas[0] == {"role": "assistant", "content": ""}
            assert deltas[-1] == {}
            assert "".join(delta.get("content", "") for delta in deltas) == choice["message"]["content"]
            # Without a limit, as much as fits after the prompt.
            free = (await server.chat(temperature=0)).json()["usage"]
            assert free["total_tokens"] <= 128

    asyncio.run(go())


def test_parts_of_messages_and_the_developer_role(client):
    async def go() -> None:
        async with client() as server:
            plain = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello there"}]
            parts = [
                {"role": "developer", "content": "Be brief."},
                {"role": "user", "content": [{"type": "text", "text": "Hello "}, {"type": "text", "text": "there"}]},
            ]
            answers = [
                (await server.chat(messages=messages, max_tokens=5, seed=2)).json() for messages in (plain, parts)
            ]
            assert answers[0]["choices"] == answers[1]["choices"]
            image = [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:"}}]}]
            assert (await server.chat(messages=image)).status_code == 400

    asyncio.run(go())


def test_the_default_chat_template_is_a_transcript(model_folder: Path):
    from modelyard.workloads.serve.chat import DEFAULT_STOP, ChatTemplate
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(model_folder)
    messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello"}]
    default = ChatTemplate(tokenizer, None)
    assert default.prompt(messages) == "system: Be brief.\nuser: Hello\nassistant:"
    assert default.stop == DEFAULT_STOP
    own = ChatTemplate(tokenizer, "{% for m in messages %}<{{ m.content }}>{% endfor %}")
    assert own.prompt(messages) == "<Be brief.><Hello>"
    assert own.stop == ()


def test_a_stop_sequence_ends_the_text_and_the_generation(client):
    async def go() -> None:
        async with client() as server:
            whole = (await server.complete(max_tokens=60, temperature=0)).json()["choices"][0]["text"]
            stop = whole[10:13]
            cut = (await server.complete(max_tokens=60, temperature=0, stop=[stop, "never"])).json()
            assert cut["choices"][0]["text"] == whole[: whole.index(stop)]
            assert cut["choices"][0]["finish_reason"] == "stop"
            assert cut["usage"]["completion_tokens"] < 60
            assert server.service.engine.in_flight == 0
            *chunks, _ = events(await server.complete(max_tokens=60, temperature=0, stop=stop, stream=True))
            text = "".join(chunk["choices"][0]["text"] for chunk in chunks)
            assert text == whole[: whole.index(stop)]
            assert chunks[-1]["choices"][0]["finish_reason"] == "stop"

    asyncio.run(go())
