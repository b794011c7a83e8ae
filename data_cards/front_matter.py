"""The YAML block of a data card, as the Hugging Face Hub and `datasets.load_dataset` read it."""

from __future__ import annotations

from collections.abc import Mapping

import yaml

from bench.layout import TableName, table_columns
from bench.tables import Column, Feature
from data_cards.facts import CardFacts

SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
GATE = (
    "This benchmark shows or stands in for content that a written policy may call unsafe. It is for research "
    "on image safety. Do not use it to make such content, and do not try to identify anyone shown."
)


def front_matter(facts: CardFacts) -> str:
    """The block without its `---` lines. Empty tables are left out: the Hub refuses them."""
    tables = {table: splits for table, splits in facts.rows.items() if splits}
    block: dict[str, object] = {
        "pretty_name": facts.identity.title,
        "license": facts.identity.licence,
        "language": ["en"],
        "task_categories": ["image-classification"],
        "size_categories": [size_category(facts.images)],
        "tags": _tags(facts),
        "annotations_creators": _annotators(facts),
        **(_gate() if facts.identity.gated else {}),
        "configs": [_config(table, splits) for table, splits in tables.items()],
        "dataset_info": [_info(table, facts) for table in tables],
    }
    return yaml.safe_dump(block, sort_keys=False, allow_unicode=True, width=100)


def size_category(images: int) -> str:
    """The Hub's name for a number of examples."""
    return next((name for limit, name in SIZES if images < limit), "n>1M")


def yaml_features(columns: tuple[Column, ...]) -> list[dict[str, object]]:
    """Columns in the card's notation, which differs from the one in the Parquet metadata."""
    return [{"name": column.name, **_yaml_feature(column.feature)} for column in columns]


def _yaml_feature(feature: Feature) -> dict[str, object]:
    match feature["_type"]:
        case "Value":
            return {"dtype": feature["dtype"]}
        case "Image" if "mode" in feature:
            return {"dtype": {"image": {"mode": feature["mode"]}}}
        case "Image":
            return {"dtype": "image"}
        case "ClassLabel":
            names = feature["names"]
            assert isinstance(names, list)
            return {"dtype": {"class_label": {"names": {str(i): name for i, name in enumerate(names)}}}}
    item = feature["feature"]
    assert isinstance(item, dict)
    inner = _yaml_feature(item)
    return {"list": inner["dtype"] if set(inner) == {"dtype"} else inner}


def _config(table: TableName, splits: Mapping[str, int]) -> dict[str, object]:
    files = [{"split": split, "path": f"{table}/{split}-*.parquet"} for split in splits]
    return {"config_name": table, "data_files": files, **({"default": True} if table == "images" else {})}


def _info(table: TableName, facts: CardFacts) -> dict[str, object]:
    columns = table_columns(table, [policy.policy_id for policy in facts.policies])
    return {
        "config_name": table,
        "features": yaml_features(columns),
    }


def _tags(facts: CardFacts) -> list[str]:
    tags = ["content-safety", "image-editing", "benchmark", "safeeditbench"]
    if facts.synthetic:
        tags.append("synthetic")
    if facts.synthetic < facts.images:
        tags.append("not-for-all-audiences")
    return tags


def _annotators(facts: CardFacts) -> list[str]:
    people = any(source == "human" for source, _ in facts.label_sources)
    machines = any(source != "human" for source, _ in facts.label_sources)
    return [*(["expert-generated"] if people else []), *(["machine-generated"] if machines else [])]


def _gate() -> dict[str, object]:
    return {
        "extra_gated_prompt": GATE,
        "extra_gated_fields": {
            "Name": "text",
            "Affiliation": "text",
            "Purpose": "text",
            "I use this benchmark for research on image safety only": "checkbox",
        },
    }
