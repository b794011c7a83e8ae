"""A benchmark folder and its Label Studio projects: push its pictures, simulate raters, pull its votes.

A benchmark has one voting project, or one for each set of topics (`parts`), and one for adjudication. What
is pulled lies in the work folder beside the benchmark; nothing of it but the votes is ever published.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from annotation.adjudication import queued_images
from annotation.adjudicators import as_adjudicator
from annotation.client import Client
from annotation.errors import AnnotationError
from annotation.forms import Form, forms_of, latest
from annotation.gold import Gold, choose_gold, read_gold, write_gold
from annotation.project import adjudication_title, group_title, is_voting_title, voting_projects
from annotation.pull import PullReport, pull, pulled_forms
from annotation.push import PushReport, ask_further, push
from annotation.raters import SimulatedRater, SimulationReport, simulate
from annotation.status import Status, status_of
from bench.dataset import Benchmark, load_benchmark
from bench.policy import Ruling, Sighting

from .options import work_of
from .parts import parts_of, picture_of
from .publish import save_votes

Progress = Callable[[int, int], None]

# Stated error rates of the simulated raters: one careful, one average, one hasty.
RATES = ((0.02, 0.05, 0.01), (0.05, 0.10, 0.02), (0.08, 0.15, 0.04))


def push_benchmark(
    client: Client, folder: Path, progress: Progress | None = None, *, votes: int = 3, by_topic: bool = False
) -> tuple[PushReport, ...]:
    """Add every picture of the benchmark, whatever its role, to its project or to those of its topics.

    `votes` is the number of raters wanted for a picture. Raises AnnotationError where the benchmark was
    pushed the other way before: its pictures would be asked about twice.
    """
    bench = load_benchmark(folder)
    _refuse_other_parts(client, bench.title, by_topic)
    reports: list[PushReport] = []
    done, total = 0, len(bench.image_ids)
    for part in parts_of(bench, by_topic=by_topic):
        title, shown = group_title(bench.title, part.group), _shifted(progress, done, total)
        read = bench.image_bytes
        reports.append(push(client, title, part.pictures, read, bench.policies, votes=votes, progress=shown))
        done += len(part.pictures)
    return tuple(reports)


def ask_where_unsure(client: Client, folder: Path) -> int:
    """Ask for further raters where the pulled votes leave doubt; how many pictures that raised."""
    further = {need.image_id: need.forms for need in status_of_benchmark(folder).overlap.images}
    projects = voting_projects(client, load_benchmark(folder).title)
    return sum(ask_further(client, project, further) for project in projects)


def adjudicate_benchmark(client: Client, folder: Path, progress: Progress | None = None) -> PushReport | None:
    """Add what is in dispute to the adjudication project, which holds nobody's votes; None for no dispute."""
    bench = load_benchmark(folder)
    queue = queued_images(status_of_benchmark(folder).queue)
    if not queue:
        return None
    pictures = [picture_of(bench, image.image_id) for image in queue]
    title, read = adjudication_title(bench.title), bench.image_bytes
    return push(client, title, pictures, read, bench.policies, votes=1, progress=progress)


def simulate_benchmark(
    client: Client, folder: Path, count: int, progress: Progress | None = None
) -> tuple[SimulationReport, ...]:
    """Let `count` raters with the rates above (in turn) answer from what the rules say of each picture."""
    bench = load_benchmark(folder)
    raters = [
        SimulatedRater(number + 1, false_alarm=alarm, miss=miss, unsure=unsure)
        for number in range(count)
        for alarm, miss, unsure in [RATES[number % len(RATES)]]
    ]
    truth = truth_of(bench)
    return tuple(
        simulate(client, project.title, truth, raters, progress=progress)
        for project in voting_projects(client, bench.title)
    )


def truth_of(bench: Benchmark) -> dict[tuple[str, str], Ruling]:
    """The rules' verdict on what each picture is known to show, by image and policy id."""
    return {
        (image_id, policy.id): policy.judge(
            Sighting(concept, frozenset(contexts))
            for concept, contexts in zip(meta.concepts, meta.contexts, strict=True)
        )
        for image_id in bench.image_ids
        for meta in [bench.meta(image_id)]
        for policy in bench.policies
    }


def pull_benchmark(client: Client, folder: Path, progress: Progress | None = None) -> tuple[PullReport, ...]:
    """Fetch the votes and the rulings of all the benchmark's projects and keep them beside the build."""
    title, work = load_benchmark(folder).title, work_of(folder)
    rulings = [one for one in client.projects(title) if one.title == adjudication_title(title)]
    reports = tuple(
        pull(client, project, work / "annotation", progress=progress)
        for project in (*voting_projects(client, title), *rulings)
    )
    save_votes(work, latest(forms_of_benchmark(folder)))
    return reports


def forms_of_benchmark(folder: Path) -> tuple[Form, ...]:
    """The forms pulled for a benchmark built here, rulings under adjudicators' names; else its own votes."""
    bench, pulled = load_benchmark(folder), work_of(folder) / "annotation"
    rulings = pulled_forms(pulled, adjudication_title(bench.title))
    forms = pulled_forms(pulled, bench.title) + tuple(
        replace(form, votes=as_adjudicator(form.votes)) for form in rulings
    )
    return forms or forms_of(bench.votes)


def voted_forms(folder: Path) -> tuple[Form, ...]:
    """As `forms_of_benchmark`; raises AnnotationError where nobody has voted."""
    forms = forms_of_benchmark(folder)
    if not forms:
        raise AnnotationError(
            f"{folder} has no votes yet; label, then run `safeeditbench annotate pull {folder}`"
        )
    return forms


def status_of_benchmark(folder: Path) -> Status:
    """Where the labelling stands by the votes pulled so far."""
    bench = load_benchmark(folder)
    return status_of(bench.image_ids, bench.policies, forms_of_benchmark(folder), gold=gold_of(folder))


def gold_path(folder: Path) -> Path:
    """Where the gold questions lie: beside the build, since they must not be published."""
    return work_of(folder) / "annotation" / "gold.jsonl"


def gold_of(folder: Path) -> tuple[Gold, ...]:
    """The gold questions chosen for a benchmark, if any."""
    bench, path = load_benchmark(folder), gold_path(folder)
    return read_gold(path, image_ids=bench.image_ids, policies=bench.policies) if path.exists() else ()


def choose_gold_questions(folder: Path, share: float) -> tuple[Gold, ...]:
    """Make `share` of the pictures gold, with the rules' answers."""
    gold = choose_gold(truth_of(load_benchmark(folder)), share=share)
    return _keep_gold(folder, gold)


def import_gold(folder: Path, answers: Path) -> tuple[Gold, ...]:
    """Take experts' answers, a CSV or JSONL file, as the gold questions."""
    bench = load_benchmark(folder)
    return _keep_gold(folder, read_gold(answers, image_ids=bench.image_ids, policies=bench.policies))


def _keep_gold(folder: Path, gold: tuple[Gold, ...]) -> tuple[Gold, ...]:
    gold_path(folder).parent.mkdir(parents=True, exist_ok=True)
    write_gold(gold_path(folder), gold)
    return gold


def _refuse_other_parts(client: Client, title: str, by_topic: bool) -> None:
    for project in client.projects(title):
        if is_voting_title(project.title, title) and (project.title == title) == by_topic:
            raise AnnotationError(
                f"project {project.title!r} has pictures of this benchmark already; push "
                f"{'without' if by_topic else 'with'} --by-topic as before, or delete that project"
            )


def _shifted(progress: Progress | None, before: int, total: int) -> Progress | None:
    """Progress of one part as progress of the whole."""
    return None if progress is None else lambda done, _: progress(before + done, total)
