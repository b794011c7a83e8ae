"""Render a model card from a model's own record: `render_model_card(facts) -> str`.

    python -m data_cards.model_card MODEL --about ABOUT.toml --recipe RECIPE.toml \\
        --run "unseen scenes=RUN" --out data_cards/NAME/README.md

A slot that stays unfilled is an error, and so is a run of other weights.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import yaml

from bench.staging import write_text
from data_cards.card import environment
from data_cards.model_facts import Measured, ModelFacts, read_model


def render_model_card(facts: ModelFacts) -> str:
    """The README.md of a model: YAML front matter, what it is, how it was made, what was measured.

    Raises:
        jinja2.UndefinedError: the template names something that `facts` does not have.
    """
    env = environment()
    front = env.filters["verbatim"](front_matter(facts))
    return env.get_template("model_card.md.jinja").render(facts=facts, front_matter=front)


def front_matter(facts: ModelFacts) -> str:
    """The block that the Hugging Face Hub reads, without its `---` lines."""
    block = {
        "license": facts.about.licence,
        "library_name": "transformers",
        "pipeline_tag": "image-text-to-text",
        "tags": list(facts.about.tags),
        "model-index": [{"name": facts.about.name, "results": [_result(each) for each in facts.measured]}],
    }
    return yaml.safe_dump(block, sort_keys=False, allow_unicode=True, width=100)


def _result(measured: Measured) -> dict[str, object]:
    """A run as the Hub's index of results wants it."""
    value = round(100 * measured.run.scores.headline.value, 1)
    return {
        "task": {"type": "image-text-to-text", "name": "image guardrail under a written policy"},
        "dataset": {"type": "safeeditbench", "name": measured.what},
        "metrics": [{"type": "headline", "name": "mean over policies of F1 on unsafe", "value": value}],
    }


def main() -> None:
    """Write the card of one model."""
    parser = argparse.ArgumentParser(prog="python -m data_cards.model_card", description=__doc__)
    parser.add_argument("model", type=Path, help="the checkpoint's folder")
    parser.add_argument("--about", type=Path, required=True, help="TOML: what figures cannot tell")
    parser.add_argument("--recipe", type=Path, required=True, help="TOML: the recipe it was trained by")
    parser.add_argument("--run", action="append", default=[], help="WHAT=RUN, once for each finished run")
    parser.add_argument("--further", type=Path, help="JSON: figures of other commands")
    parser.add_argument("--out", type=Path, required=True, help="the card to write")
    given = parser.parse_args()
    try:
        runs = [_run(text) for text in given.run]
        facts = read_model(given.model, given.about, recipe=given.recipe, runs=runs, further=given.further)
    except (ValueError, OSError) as error:
        parser.exit(1, f"error: {error}\n")
    write_text(given.out, render_model_card(facts))
    print(f"card: {given.out}")


def _run(text: str) -> tuple[str, Path]:
    what, equals, folder = text.rpartition("=")
    if not equals or not what or not folder:
        raise ValueError(f"--run {text!r} is not WHAT=RUN, such as 'unseen scenes=runs/tiny'")
    return what, Path(folder)


if __name__ == "__main__":
    main()
