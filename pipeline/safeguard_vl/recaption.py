"""Captions that name what is violating and keep the rest: what SFT teaches to see before it teaches to judge.

A caption is rewritten by a model (a local checkpoint, or any OpenAI-compatible server) that is told what is
known to be in the picture, or, for drawn scenes, composed from the truth. Every caption is a line of JSON,
written as soon as it is there; a run that was stopped goes on with the pictures that have none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from bench.concepts import vocabulary
from bench.policy import Sighting
from bench.wording import join
from evaluators.base import Guardrail
from pipeline.safeguard_vl.captions import Caption, appending, read_captions
from pipeline.safeguard_vl.shots import Shot

PROFILE = Path(__file__).with_name("recaption.toml")


class WriterError(RuntimeError):
    """A picture has got no caption; the message says why. The next run tries it again."""


Writer = Callable[[Shot], str]


@dataclass(frozen=True, slots=True)
class Task:
    """What a model is told to do with one picture, in the place of a policy."""

    words: str
    id: str = "recaption"
    name: str = "Recaption"
    digest: str = ""

    def text(self, wording: int = 0) -> str:
        """The task, which has one wording."""
        return self.words


def named(sighting: Sighting) -> str:
    """A thing in the words of the policies' canonical wording, with the settings it is shown in."""
    words = vocabulary()
    settings = [words.contexts[context][0] for context in sorted(sighting.contexts)]
    return " ".join([words.concepts[sighting.concept].phrases[0], join(settings, "and")]).strip()


def from_truth(shot: Shot) -> str:
    """The caption of a drawn scene with one sentence more, that names what is regulated in it.

    Raises WriterError for a picture of which it is not known what it shows.
    """
    if not shot.exact:
        raise WriterError("it is not known what this picture shows; let a model write with --writer")
    things = join([named(sighting) for sighting in shot.regulated], "and")
    return " ".join(filter(None, [shot.caption, f"It shows {things}." if things else ""]))


def by_model(model: Guardrail) -> Writer:
    """A model that looks at the picture and rewrites the caption it has, or writes one."""
    from PIL import Image

    def write(shot: Shot) -> str:
        with Image.open(shot.file) as picture:
            [[outcome]] = model.judge([picture.convert("RGB")], [Task(task_for(shot))])
        if outcome.status in ("error", "refused") or not outcome.text.strip():
            raise WriterError(outcome.detail or f"the model wrote nothing usable: {outcome.text[:80]!r}")
        return outcome.text.strip()

    return write


def task_for(shot: Shot) -> str:
    """Our own words; like the paper's caption step, unlike its released prompt, the neutral part stays."""
    things = "; ".join(named(sighting) for sighting in shot.regulated)
    caption = f"Caption: {shot.caption}\n" if shot.caption else ""
    shown = f"Known to be in the picture: {things}.\n" if things else ""
    change = (
        "Write the caption anew: say of each thing known to be in the picture, in these very words, where it "
        "is and in what setting."
        if things
        else "Write what the picture shows, in at most three sentences."
    )
    keep = " Keep everything else of the caption as it is." if caption else ""
    return f"{caption}{shown}{change}{keep} Do not judge the picture. Answer with the caption alone."


def recaption(
    shots: Sequence[Shot],
    writer: Writer,
    name: str,
    out: Path,
    *,
    at_once: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> list[str]:
    """Add the captions that `out` lacks; what failed, one line each. `name` says who wrote."""
    there = {caption.picture_id for caption in read_captions(out)}
    todo = [shot for shot in shots if shot.picture_id not in there]
    failed = []
    with appending(out) as add, ThreadPoolExecutor(at_once) as pool:
        for done, (shot, text, reason) in enumerate(pool.map(_guarded(writer), todo), start=1):
            if reason:
                failed.append(f"{shot.picture_id}: {reason}")
            else:
                add(Caption(shot.picture_id, str(shot.file), text, unnamed(shot, text), name))
            if progress is not None:
                progress(len(there) + done, len(shots))
    return failed


def _guarded(writer: Writer) -> Callable[[Shot], tuple[Shot, str, str]]:
    def write(shot: Shot) -> tuple[Shot, str, str]:
        try:
            return shot, writer(shot), ""
        except (WriterError, OSError) as error:
            return shot, "", str(error)

    return write


def unnamed(shot: Shot, text: str) -> tuple[str, ...]:
    """The concepts in the picture that the text has no word for, of all the names the vocabulary knows."""
    said = text.lower()
    concepts = dict.fromkeys(sighting.concept for sighting in shot.regulated)
    return tuple(concept for concept in concepts if not any(name in said for name in _names(concept)))


def _names(concept: str) -> Iterator[str]:
    known = vocabulary().concepts[concept]
    yield known.name
    for phrase in known.phrases:
        yield from filter(None, (part.strip() for part in re.split(r",| and | or ", phrase)))
