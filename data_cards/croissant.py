"""Describe a benchmark in Croissant 1.1 with provenance and responsible-AI terms: `croissant_json`.

Each Parquet file is a FileObject with its sha256; the shards of a table are a FileSet, and a RecordSet
names its columns. Terms: https://docs.mlcommons.org/croissant/docs/croissant-spec-1.1.html.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from bench.layout import TableName, table_columns
from bench.tables import Column, Feature
from data_cards.facts import CardFacts
from data_cards.responsible import ANNOTATE, EDIT, INGEST, generated_by, provenance, responsible

Node = dict[str, object]

CONTEXT: Node = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "arrayShape": "cr:arrayShape",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "containedIn": "cr:containedIn",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "description": {"@container": "@language"},
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isArray": "cr:isArray",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "name": {"@container": "@language"},
    "parentField": "cr:parentField",
    "path": "cr:path",
    "prov": "http://www.w3.org/ns/prov#",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
TYPES = {"string": "sc:Text", "bool": "sc:Boolean", "int64": "sc:Integer", "float64": "sc:Float"}
MADE_BY: Mapping[TableName, str] = {
    "images": EDIT,
    "regions": EDIT,
    "edits": EDIT,
    "rejects": INGEST,
    "verdicts": ANNOTATE,
    "votes": ANNOTATE,
    "flat": ANNOTATE,
}
PARQUET = "application/x-parquet"
CITATION = (
    "Piao et al., Towards Policy-Adaptive Image Guardrail: Benchmark and Method, CVPR 2026, arXiv 2603.01228"
)


def croissant_json(facts: CardFacts, files: Mapping[str, str]) -> str:
    """The text of croissant.json; `files` gives the sha256 of each file by its path in the folder."""
    tables = [table for table, splits in facts.rows.items() if splits]
    identity = facts.identity
    metadata: Node = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": ["http://mlcommons.org/croissant/1.1", "http://mlcommons.org/croissant/RAI/1.0"],
        "name": identity.title,
        "description": f"{facts.pairs} pairs of pictures that differ only in the region a policy may "
        f"object to, labelled under {len(facts.policies)} written policies.",
        "license": identity.licence,
        "version": identity.version,
        "citeAs": CITATION,
        **({"datePublished": identity.released} if identity.released else {}),
        **responsible(facts),
        **provenance(facts),
        "distribution": [*_file_objects(files), *(_file_set(table) for table in tables)],
        "recordSet": [_record_set(table, facts) for table in tables],
    }
    return json.dumps(metadata, indent=2, ensure_ascii=False) + "\n"


def _file_objects(files: Mapping[str, str]) -> list[Node]:
    return [
        {
            "@type": "cr:FileObject",
            "@id": path,
            "name": path,
            "contentUrl": path,
            "encodingFormat": PARQUET if path.endswith(".parquet") else "text/plain",
            "sha256": digest,
        }
        for path, digest in sorted(files.items())
    ]


def _file_set(table: TableName) -> Node:
    return {
        "@type": "cr:FileSet",
        "@id": f"{table}-shards",
        "name": f"{table}-shards",
        "encodingFormat": PARQUET,
        "includes": f"{table}/*.parquet",
        **generated_by(MADE_BY[table]),
    }


def _record_set(table: TableName, facts: CardFacts) -> Node:
    columns = table_columns(table, [policy.policy_id for policy in facts.policies])
    return {
        "@type": "cr:RecordSet",
        "@id": table,
        "name": table,
        "field": [_field(table, column) for column in columns],
    }


def _field(table: TableName, column: Column) -> Node:
    source: Node = {"fileSet": {"@id": f"{table}-shards"}, "extract": {"column": column.name}}
    if column.is_image:
        source["transform"] = {"jsonPath": "bytes"}
    return {
        "@type": "cr:Field",
        "@id": f"{table}/{column.name}",
        "name": column.name,
        "description": _description(column),
        **_data_type(column.feature),
        "source": source,
    }


def _description(column: Column) -> str:
    if column.names:
        return "; ".join(f"{index} = {name}" for index, name in enumerate(column.names))
    return f"The column {column.name}."


def _data_type(feature: Feature) -> Node:
    match feature["_type"]:
        case "Image":
            return {"dataType": "sc:ImageObject"}
        case "ClassLabel":
            return {"dataType": "sc:Integer"}
        case "Value":
            return {"dataType": TYPES[str(feature["dtype"])]}
    item = feature["feature"]
    assert isinstance(item, dict)
    return {**_data_type(item), "repeated": True}
