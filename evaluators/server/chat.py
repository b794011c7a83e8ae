"""One case as the body of a chat completion."""

from __future__ import annotations

from evaluators.profile import Message, Profile
from evaluators.server.terms import Extras
from evaluators.server.usage import Json

TOP = 20  # alternatives a token; the most that hosted servers give


def request(model: str, profile: Profile, policy_text: str, image: str, length: int, extras: Extras) -> Json:
    """The body for one case; `image` is a data URI, `length` the most tokens to write."""
    body: dict[str, object] = {"model": model}
    turns = [_turn(turn, image) for turn in profile.messages(policy_text)]
    if "forced" in extras:
        turns.append({"role": "assistant", "content": profile.forced})
        body |= {"add_generation_prompt": False, "continue_final_message": True}
    if "logprobs" in extras:
        body |= {"logprobs": True, "top_logprobs": TOP}
    if "choice" in extras:
        body["structured_outputs"] = {"choice": [*profile.safe, *profile.unsafe]}
    if "temperature" in extras:
        body["temperature"] = 0
    body["max_tokens" if "max_tokens" in extras else "max_completion_tokens"] = length
    return {**body, "messages": turns}


def _turn(turn: Message, image: str) -> dict[str, object]:
    """A turn in OpenAI's form. One with nothing but text is a plain string, which every server takes."""
    content = turn["content"]
    if isinstance(content, str):
        return {"role": turn["role"], "content": content}
    if all(part["type"] == "text" for part in content):
        return {"role": turn["role"], "content": "".join(part["text"] for part in content)}
    picture = {"type": "image_url", "image_url": {"url": image}}
    return {
        "role": turn["role"],
        "content": [picture if part["type"] == "image" else part for part in content],
    }
