"""croissant.json: valid for the reference reader, which also reads the tables through it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench.staging import files_under, read_sums
from data_cards.croissant import croissant_json
from tests.bench.sample import sample
from tests.data_cards.sample_card import facts_of, publish
from tests.data_cards.test_card import Agreed

SCRIPT = """
import sys
import mlcroissant
data = mlcroissant.Dataset(jsonld=sys.argv[1])
issues = data.metadata.ctx.issues
assert not issues.errors and not issues.warnings, issues.report()
for table in ("images", "verdicts", "votes", "edits", "rejects", "flat"):
    print(table, sum(1 for _ in data.records(table)))
first = next(iter(data.records("images")))
print(data.metadata.data_annotation_platform, data.metadata.annotations_per_item)
print(data.metadata.conforms_to)
print(first["images/image"].size, first["images/concepts"])
"""


def test_every_file_is_named_with_its_digest(tmp_path: Path) -> None:
    out = publish(tmp_path / "bench")
    nodes = json.loads((out / "croissant.json").read_text())["distribution"]
    objects = {node["contentUrl"]: node["sha256"] for node in nodes if node["@type"] == "cr:FileObject"}
    sums = read_sums(out / "SHA256SUMS")
    assert objects == {name: digest for name, digest in sums.items() if name != "croissant.json"}
    assert set(objects) == set(files_under(out)) - {"croissant.json", "SHA256SUMS"}


def test_responsible_ai_terms_are_counts_of_rows() -> None:
    text = croissant_json(facts_of(sample(3)), {})
    node = json.loads(text)
    assert node["rai:dataAnnotationAnalysis"] == ["15 votes by 3 raters, 15 of them simulated."]
    assert node["rai:dataLimitations"][0] == "8 of 8 pictures are drawn scenes; 0 votes are people's."
    assert node["rai:machineAnnotationTools"] == ["truth", "fill (eeeeeeeeeeee)"]


def test_agreement_is_told_where_there_is_some() -> None:
    agreed = Agreed("L2", 3, 40, 120, 0.8123, 0.7, 0.9, 0.93)
    node = json.loads(croissant_json(facts_of(sample(3), agreement=(agreed,)), {}))
    assert node["rai:dataAnnotationAnalysis"][1] == (
        "Krippendorff's alpha under L2: 0.812 (95 % interval 0.7 to 0.9)."
    )


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")  # inside rdflib
def test_provenance_reads_as_linked_data() -> None:
    rdflib = pytest.importorskip("rdflib")
    prov = rdflib.Namespace("http://www.w3.org/ns/prov#")
    name = rdflib.URIRef("https://schema.org/name")
    graph = rdflib.Graph().parse(
        data=croissant_json(facts_of(sample(3)), {}), format="json-ld", publicID="http://here/"
    )
    (dataset,) = graph.subjects(rdflib.RDF.type, rdflib.URIRef("https://schema.org/Dataset"))
    made_by = set(graph.objects(dataset, prov.wasGeneratedBy))
    assert {str(graph.value(each, name)) for each in made_by} == {"ingest", "edit", "annotate"}
    (source,) = graph.objects(dataset, prov.wasDerivedFrom)
    assert str(graph.value(source, name)) == "scenes"
    images = rdflib.URIRef("http://here/images-shards")
    (edit,) = graph.objects(images, prov.wasGeneratedBy)
    agents = {str(graph.value(agent, name)) for agent in graph.objects(edit, prov.wasAssociatedWith)}
    assert agents == {"truth", "fill (eeeeeeeeeeee)"}  # no check was asked


@pytest.mark.slow
def test_mlcroissant_accepts_it_and_reads_every_table(tmp_path: Path) -> None:
    pytest.importorskip("mlcroissant")
    file = publish(tmp_path / "bench") / "croissant.json"
    done = subprocess.run([sys.executable, "-c", SCRIPT, str(file)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "images 8",
        "verdicts 40",
        "votes 15",
        "edits 5",
        "rejects 2",
        "flat 40",
        "['Label Studio'] 0.38 votes a (picture, policy), on average",
        "['http://mlcommons.org/croissant/1.1', 'http://mlcommons.org/croissant/RAI/1.0']",
        "(48, 48) [b'firearm']",
    ]
