"""What croissant.json says of how the data came to be: the responsible-AI terms and the provenance.

Every sentence is made of counts of rows. Terms: https://docs.mlcommons.org/croissant/docs/croissant-rai-spec.html,
and of provenance https://www.w3.org/TR/prov-o/, as Croissant 1.1 takes them up.
"""

from __future__ import annotations

from collections.abc import Iterable

from data_cards.card import number
from data_cards.facts import CardFacts

Node = dict[str, object]

INGEST, EDIT, ANNOTATE = "activity/ingest", "activity/edit", "activity/annotate"


def responsible(facts: CardFacts) -> Node:
    """The responsible-AI terms that the rows can answer for."""
    return {**_collection(facts), **_annotation(facts), **_use(facts)}


def _collection(facts: CardFacts) -> Node:
    gaps = "; ".join(f"{reason}: {n}" for reason, n in facts.gaps) or "no cell lacks its label"
    return {
        "rai:dataCollection": "; ".join(f"{name}: {n} pictures" for name, n in facts.sources),
        "rai:dataCollectionMissingData": f"Cells without a label, by reason: {gaps}.",
        "rai:dataPreprocessingProtocol": [
            "Violating regions were localized and replaced; outside the dilated region "
            f"{facts.changed_outside} pixels changed over {facts.chosen} edits."
        ],
        "rai:dataImputationProtocol": "No label was imputed; a cell without one carries a reason.",
    }


def _annotation(facts: CardFacts) -> Node:
    sources = ", ".join(f"{source}: {n} cells" for source, n in facts.label_sources)
    per_item = f"{facts.votes / facts.cells:.2f}" if facts.cells else "0"
    return {
        "rai:dataAnnotationProtocol": [
            f"Each picture is labelled safe or unsafe under each policy. Label sources: {sources or 'none'}."
        ],
        "rai:dataAnnotationPlatform": ["Label Studio"] if facts.votes else [],
        "rai:dataAnnotationAnalysis": [
            f"{facts.votes} votes by {facts.raters} raters, {facts.simulated_votes} of them simulated.",
            *(
                f"Krippendorff's alpha under {row.policy_id}: {number(row.alpha)} "
                f"(95 % interval {number(row.low)} to {number(row.high)})."
                for row in facts.agreement
            ),
        ],
        "rai:annotationsPerItem": f"{per_item} votes a (picture, policy), on average",
        "rai:annotatorDemographics": ["Not asked and not stored: raters are known by pseudonyms only."],
        "rai:machineAnnotationTools": [*facts.localizers, *facts.editors],
    }


def _use(facts: CardFacts) -> Node:
    people = facts.votes - facts.simulated_votes
    return {
        "rai:dataUseCases": ["Measuring and training guardrails that follow a written policy."],
        "rai:dataLimitations": [
            f"{facts.synthetic} of {facts.images} pictures are drawn scenes; {people} votes are people's.",
            "The policies are invented and moderate nothing real.",
        ],
        "rai:dataBiases": [
            f"Only what lies in a region can be edited: {len(facts.concepts)} concepts are shown, and "
            "none that needs the whole picture."
        ],
        "rai:dataSocialImpact": (
            "Pictures show or stand in for content that some policy forbids; access can be gated by the card."
        ),
        "rai:personalSensitiveInformation": ["Raters appear under pseudonyms only."],
        "rai:dataReleaseMaintenancePlan": (
            "A changed label, picture or policy text gives a new version and new digests."
        ),
    }


def provenance(facts: CardFacts) -> Node:
    """Where the data set comes from, and the three activities that made it."""
    entered = facts.funnel[0].entered if facts.funnel else facts.published
    checkers = [name for name in facts.quality.checkers if name != "none"]
    labellers = [source for source, _ in facts.label_sources]
    return {
        "prov:wasDerivedFrom": [
            {"@type": "prov:Entity", "name": name, "description": f"{n} pictures"}
            for name, n in facts.sources
        ],
        "prov:wasGeneratedBy": [
            _activity(INGEST, f"{entered - facts.published} of {entered} inputs were left out.", []),
            _activity(
                EDIT,
                f"{facts.attempts} edits were attempted and {facts.chosen} kept.",
                [*facts.localizers, *facts.editors, *checkers],
            ),
            _activity(ANNOTATE, f"{facts.filled} cells were labelled, from {facts.votes} votes.", labellers),
        ],
    }


def generated_by(activity: str) -> Node:
    """The mark of a file set that an activity made."""
    return {"prov:wasGeneratedBy": {"@id": activity}}


def _activity(name: str, told: str, agents: Iterable[str]) -> Node:
    return {
        "@type": "prov:Activity",
        "@id": name,
        "name": name.rpartition("/")[2],
        "description": told,
        "prov:wasAssociatedWith": [{"@type": "prov:Agent", "name": agent} for agent in agents],
    }
